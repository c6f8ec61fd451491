/**
 * How long a query takes over 10,000 servers with ten tools each, and what they cost in memory. Run by hand:
 * `npx tsx test/registry/search-bench.ts`; for memory that is not due to what is yet to be collected, with
 * `node --expose-gc --import tsx test/registry/search-bench.ts`.
 */

import { createSearch } from '../../src/services/registry/search/search.js';
import type { Indexed, Query } from '../../src/services/registry/search/types.js';

const SERVERS = 10_000;
const TOOLS = 10;
const ROUNDS = 40;

// The same numbers every time (a linear congruential generator).
let seed = 20260101;
function random(below: number): number {
  seed = (Math.imul(seed, 1_664_525) + 1_013_904_223) >>> 0;
  return Math.floor((seed / 2 ** 32) * below);
}
const pick = (words: readonly string[]): string => words[random(words.length)] ?? '';

const SYLLABLES = 'ba co di fu ge ha in jo ka lu mi no or pa qui ra so te ul va wi xe yo za'.split(' ');
const word = (): string => Array.from({ length: 2 + random(3) }, () => pick(SYLLABLES)).join('');
const COMMON = 'the a of and to in for with one all by from'.split(' ');
const NOUNS = [...'issue query table bucket invoice user order jira postgres alert'.split(' ')].concat(
  Array.from({ length: 3_000 }, word),
);
const VERBS = 'search create list delete update read write get find close open send export import'.split(' ');
const OWNERS = Array.from({ length: 200 }, () => `${word()} team, #${word()}`);

function sentence(): string {
  const words = Array.from({ length: 10 + random(12) }, () => (random(3) === 0 ? pick(COMMON) : pick(NOUNS)));
  return `${pick(VERBS)} ${words.join(' ')}.`;
}

function server(number: number): Indexed {
  const noun = pick(NOUNS);
  return {
    name: `${noun}-${word()}-${number}`,
    title: `${noun} server`,
    owner: pick(OWNERS),
    state: random(20) === 0 ? 'off' : 'on',
    failing: random(30) === 0,
    tools: Array.from({ length: TOOLS }, () => {
      const [thing, verb] = [pick(NOUNS), pick(VERBS)];
      return {
        name: `${thing}.${verb}_${random(100)}`,
        description: sentence(),
        scope: `${thing}:${verb === 'read' ? 'read' : 'write'}`,
        destructive: verb === 'delete',
        state: random(200) === 0 ? 'quarantined' : 'on',
      };
    }),
  };
}

function memory(): string {
  globalThis.gc?.();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return `${Math.round(heapUsed / 2 ** 20)} MiB of heap and ${Math.round(arrayBuffers / 2 ** 20)} MiB of buffers`;
}

function timed(label: string, work: () => unknown, rounds = ROUNDS): void {
  const times: number[] = [];
  for (let round = 0; round < rounds; round += 1) {
    const start = performance.now();
    work();
    times.push(performance.now() - start);
  }
  times.sort((left, right) => left - right);
  const at = (part: number): string =>
    (times[Math.floor(part * (times.length - 1))] ?? 0).toFixed(2).padStart(8);
  console.log(`${label.padEnd(44)} median ${at(0.5)} ms   p95 ${at(0.95)} ms`);
}

const search = createSearch();
console.log(`before: ${memory()}`);
const start = performance.now();
for (let number = 0; number < SERVERS; number += 1) search.put(server(number));
console.log(`${search.size} servers put in ${Math.round(performance.now() - start)} ms: ${memory()}`);

const last = search.find({ q: '', offset: 5_000, limit: 1 }).servers[0]?.name ?? '';
const queries: [label: string, query: Partial<Query>][] = [
  ['nothing looked for', {}],
  ['one letter', { q: 'j' }],
  ['a letter that most have', { q: 'a' }],
  ['a beginning', { q: 'post' }],
  ['a word', { q: 'jira' }],
  ['a common word', { q: 'the' }],
  ['two words', { q: 'jira search' }],
  ['four words', { q: 'search jira issue alert' }],
  ["a server's own name", { q: last }],
  ["a tool's whole name", { q: 'jira.search_7' }],
  ['a typo', { q: 'postgers' }],
  ['a typo in a long word, and another word', { q: 'qeuryy searhc' }],
  ['words that do not belong together', { q: 'jira postgres invoice bucket alert table' }],
  ['a phrase', { q: '"jira.s"' }],
  ['a phrase that nothing has', { q: '"no such words"' }],
  ['a word with filters', { q: 'jira', destructive: true, state: 'on' }],
  ['ten words of which one is unknown', { q: 'search jira issue alert to the of and in xyzzyq' }],
];
for (const [label, query] of queries) {
  const { total } = search.find({ q: '', offset: 0, limit: 20, ...query });
  timed(`${label} (${total})`, () => search.find({ q: '', offset: 0, limit: 20, ...query }));
}
let changed = 0;
timed(
  'one server replaced',
  () => {
    changed += 1;
    search.put({ ...server(changed), name: last });
  },
  1_000,
);
console.log(`after: ${memory()}`);
