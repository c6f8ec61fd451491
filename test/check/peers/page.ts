/** Writes src/cli/check/RESULTS.md from results.json and verdicts.json. */
import { fileURLToPath } from 'node:url';
import { clauseOf } from '../../../src/lesson/annotations/clauses.js';
import { PEERS } from './peers.js';
import type { FoundViolation, PeerResult, Results, Transport, Verdict } from './results.js';

export const PAGE_FILE = fileURLToPath(new URL('../../../src/cli/check/RESULTS.md', import.meta.url));

export function pageOf(results: Results, verdicts: readonly Verdict[]): string {
  return [
    '# `barewire check` against servers on other stacks',
    '',
    ...intro(results),
    '',
    ...table(results),
    '',
    ...section('MUST', 'Requirements that are violated (MUST)', results, verdicts),
    ...section('SHOULD', 'Recommendations that are not followed (SHOULD)', results, verdicts),
  ].join('\n');
}

const intro = ({ date }: Results): string[] => [
  `Each server was made with its library as the library's own documentation shows it, with default settings, and checked on ${date}. [Their`,
  'sources and versions](../../../test/check/peers/README.md) are here, and one command installs, starts and checks them all. Every finding',
  'below was compared by hand with the text of the specification and with the bytes. Nothing here says that a library is bad: several offer a',
  'setting for what its defaults leave out, some findings are about parts that few clients use, and a different program on the same library',
  'can give a different result.',
  '',
  '"Not applicable" counts transcripts for what the server does not offer: another revision, a capability, a session. A recommendation',
  'counts under SHOULD, and so does a requirement that follows from the specification without being written there as a MUST.',
];

function table({ results }: Results): string[] {
  const rows = results.map((result) => {
    const { transport, version, passed, errors, warnings, skipped } = result;
    const title = titleOf(result.peer, transport);
    return `| ${title} | ${version} | ${transport === 'http' ? 'HTTP' : 'stdio'} | ${spoken(result)} | ${passed} | ${errors} | ${warnings} | ${skipped} |`;
  });
  return [
    '| server | version | transport | revisions | passed | MUST violated | SHOULD not followed | not applicable |',
    '|---|---|---|---|---|---|---|---|',
    ...rows,
  ];
}

const spoken = ({ revisions }: PeerResult): string => [...revisions].sort().reverse().join(', ');

function section(
  level: FoundViolation['level'],
  title: string,
  results: Results,
  verdicts: readonly Verdict[],
): string[] {
  const found = new Map<string, string[]>();
  for (const { violations } of results.results)
    for (const violation of violations)
      if (violation.level === level) found.set(violation.id, violation.clauses);
  const entries = verdicts.filter(({ id }) => found.has(id));
  return [
    `## ${title}`,
    '',
    ...entries.flatMap(({ id, sentence, sent, received }) => [
      `- ${sentence} ${(found.get(id) ?? []).map(linkOf).join(', ')}.`,
      `  Sent: ${sent}.`,
      ...received.map(({ bytes, peers }) => `  - ${peers.map(nameOf).join(', ')}: ${bytes}`),
    ]),
    '',
  ];
}

function linkOf(id: string): string {
  const url = clauseOf(id)?.url;
  return url === undefined ? id : `[${id}](${url})`;
}

function nameOf(place: string): string {
  const [name = '', transport] = place.split(' ');
  return transport === 'stdio' ? `${titleOf(name, 'stdio')} on stdio` : titleOf(name, 'http');
}

/** The part after the comma is about sessions, and stdio has none. */
function titleOf(name: string, transport: Transport): string {
  const title = PEERS.find((peer) => peer.name === name)?.title ?? name;
  return transport === 'stdio' ? (title.split(',')[0] ?? title) : title;
}
