/**
 * Sends random input to running servers, for a time, and checks after each one what must always hold (see server.ts). Inputs that once
 * failed come first: they are in past.json.
 *
 * Usage: npm run fuzz -- [TARGET...] [--minutes N] [--seed N]   (default: all targets, an hour together)
 */
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';

import fc, { type Arbitrary } from 'fast-check';

import { readManifest } from '../../src/services/registry/manifest/read.js';
import { isRecord } from '../../src/wire/value.js';
import { body, brokenToken, httpBytes, json, line, sql } from './generators.js';
import { FuzzedServer, type Received } from './server.js';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    minutes: { type: 'string', default: '60' },
    seed: { type: 'string', default: String(Date.now() % 2 ** 31) },
  },
});
const seed = Number(values.seed);
const past = JSON.parse(readFileSync(new URL('past.json', import.meta.url), 'utf8')) as Record<
  string,
  unknown[]
>;

type Options = { seed: number; numRuns: number; interruptAfterTimeLimit?: number; examples?: [unknown][] };
type Outcome = {
  failed: boolean;
  interrupted: boolean;
  numRuns: number;
  errorInstance: unknown;
  counterexample: unknown;
};

/** A target: random inputs, and a check that throws what does not hold. */
const target =
  <Input>(input: Arbitrary<Input>, check: (input: Input) => Promise<void>) =>
  (options: Options): Promise<Outcome> =>
    fc.check(fc.asyncProperty(input, check), options as fc.Parameters<[Input]>);

function post(text: string, headers: Record<string, string>): Buffer {
  const bytes = Buffer.from(text);
  const all = {
    host: 'localhost',
    accept: 'application/json, text/event-stream',
    'content-type': 'application/json',
    connection: 'close',
    'content-length': bytes.length,
    ...headers,
  };
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}`);
  return Buffer.concat([Buffer.from(`POST /mcp HTTP/1.1\r\n${lines.join('\r\n')}\r\n\r\n`), bytes]);
}

/** The messages in a body, plain or as an event stream, with chunk sizes or without. */
function messagesIn({ body: text, text: whole }: Received): unknown[] {
  const plain = /^transfer-encoding: chunked/im.test(whole) ? unchunked(text) : text;
  const utf8 = Buffer.from(plain, 'latin1').toString();
  if (!/^content-type: text\/event-stream/im.test(whole))
    return utf8.trim() === '' ? [] : [JSON.parse(utf8)].flat();
  return [...utf8.matchAll(/^data: (.+)$/gm)].flatMap(([, data = '']) => [JSON.parse(data)].flat());
}

function unchunked(text: string): string {
  let rest = text;
  let whole = '';
  for (;;) {
    const [head = '', size = '0'] = /^([0-9a-f]+)\r\n/.exec(rest) ?? [];
    const length = Number.parseInt(size, 16);
    if (length === 0) return whole;
    whole += rest.slice(head.length, head.length + length);
    rest = rest.slice(head.length + length + 2);
  }
}

const isAnswer = (message: unknown) => isRecord(message) && ('result' in message || 'error' in message);

/** Exactly one answer for each request. A request has an id that is a string or a number. */
function checkAnswers(sent: string, answers: unknown[]): void {
  let parsed: unknown;
  try {
    parsed = JSON.parse(sent);
  } catch {
    parsed = undefined;
  }
  const ids = answers.filter(isRecord).map(({ id }) => JSON.stringify(id ?? null));
  if (Array.isArray(parsed)) {
    if (ids.length > parsed.length + 1) throw new Error(`${ids.length} answers to ${parsed.length} messages`);
    return;
  }
  if (ids.length > 1) throw new Error(`more than one answer: ${ids.join(' ')}`);
  if (!isRecord(parsed)) return;
  const { id } = parsed;
  const expected = typeof id === 'string' || typeof id === 'number' ? [JSON.stringify(id), 'null'] : ['null'];
  if (ids[0] !== undefined && !expected.includes(ids[0])) throw new Error(`the answer has id ${ids[0]}`);
}

const http = await FuzzedServer.overHttp();
const stdio = FuzzedServer.onStdio();
const bearer = { authorization: `Bearer ${http.token}` };
let lineNumber = 0;

const TARGETS: Record<string, ReturnType<typeof target>> = {
  http: target(httpBytes, async (bytes: Buffer) => void (await http.send(bytes, 60))),
  jsonrpc: target(
    fc.tuple(
      body,
      fc.constantFrom({}, { 'mcp-protocol-version': '2025-11-25' }, { 'mcp-protocol-version': '2026-07-28' }),
    ),
    async ([text, headers]: [string, Record<string, string>]) => {
      const received = await http.send(post(text, { ...bearer, ...headers }));
      if (received.status === 0) throw new Error(`no answer: ${received.text}`);
      checkAnswers(text, messagesIn(received).filter(isAnswer));
    },
  ),
  sse: target(
    fc.tuple(fc.string({ unit: 'binary' }), fc.string({ unit: 'binary' })),
    async ([session, event]: [string, string]) => {
      const clean = (text: string): string => text.replace(/[\r\n\0]/g, '');
      const head = ['GET /mcp HTTP/1.1', 'host: localhost', 'accept: text/event-stream', 'connection: close'];
      const more = [
        `authorization: ${bearer.authorization}`,
        `mcp-session-id: ${clean(session)}`,
        `last-event-id: ${clean(event)}`,
      ];
      const { status } = await http.send(Buffer.from(`${[...head, ...more].join('\r\n')}\r\n\r\n`, 'latin1'));
      if (status === 200) throw new Error('a stream of a session that nobody has opened');
    },
  ),
  jwt: target(brokenToken(http.token), async (token: string) => {
    const headers = { authorization: `Bearer ${token.replace(/[\r\n]/g, ' ')}` };
    const { status } = await http.send(post('{"jsonrpc":"2.0","id":1,"method":"ping"}', headers));
    // 431: the header is too long.
    if (![400, 401, 431].includes(status)) throw new Error(`status ${status} for a broken token`);
  }),
  sql: target(sql, async (statement: string) => {
    const params = { name: 'postgres.readonly', arguments: { sql: statement } };
    const text = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/call', params });
    const received = await http.send(post(text, { ...bearer, 'mcp-protocol-version': '2025-11-25' }));
    const answers = messagesIn(received).filter(isAnswer);
    if (answers.length !== 1) throw new Error(`${answers.length} answers`);
  }),
  manifests: target(json, async (value: unknown) => {
    const read = readManifest(value);
    if (read.kind === 'refused' && read.problems.length === 0) throw new Error('refused without a problem');
  }),
  stdio: target(fc.array(line, { maxLength: 5 }), async (lines: string[]) => {
    lineNumber += 1;
    const last = `last-${lineNumber}`;
    const ping = JSON.stringify({ jsonrpc: '2.0', id: last, method: 'ping' });
    const answers = (await stdio.speak([...lines, ping], last)).map((text) => JSON.parse(text) as unknown);
    const own = answers.filter((answer) => isRecord(answer) && answer.id === last);
    if (own.length !== 1) throw new Error(`${own.length} answers to the last request`);
  }),
};

const names = positionals.length === 0 ? Object.keys(TARGETS) : positionals;
const eachMs = (Number(values.minutes) * 60_000) / names.length;
console.log(`seed ${seed}`);
let failed = 0;
// The first calls fill caches and open the database, which stay.
await TARGETS.jsonrpc?.({ numRuns: 50, seed });
for (const name of names) {
  const fuzz = TARGETS[name];
  if (fuzz === undefined) throw new Error(`no target ${name}; there are ${Object.keys(TARGETS).join(', ')}`);
  const before = await http.usage();
  const details = await fuzz({
    seed,
    examples: (past[name] ?? []).map((input): [unknown] => [input]),
    numRuns: Number.MAX_SAFE_INTEGER,
    interruptAfterTimeLimit: eachMs,
  });
  let problem =
    details.failed && !details.interrupted
      ? String(details.errorInstance ?? details.counterexample)
      : undefined;
  problem ??= await http.checkEnd(before).then(() => undefined, String);
  console.log(`${problem === undefined ? 'ok    ' : 'FAILED'} ${name}: ${details.numRuns} inputs`);
  if (problem === undefined) continue;
  failed += 1;
  const [input] = (details.counterexample ?? []) as unknown[];
  const shown = JSON.stringify(Buffer.isBuffer(input) ? input.toString('latin1') : input);
  console.log(`  ${problem}\n  input ${shown?.slice(0, 2_000)}\n  repeat with --seed ${seed} ${name}`);
}
for (const server of [http, stdio])
  await server.close().catch((error: unknown) => {
    failed += 1;
    console.log(`FAILED at the end: ${String(error)}`);
  });
console.log(`${names.length - failed} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;
