/**
 * `npm run coverage:spec`: how much of what the revisions ask of a server the transcripts show, and what they do not,
 * by page; with `--missing` in full. `--prove` plays each clause's transcripts against servers that break it, all of
 * them or `--sample` many, drawn by `--seed`: a clause is proved when a transcript that names it fails.
 */
import { parseArgs } from 'node:util';
import { prove } from './proof/prove.js';
import { drawn } from './proof/sample.js';
import { PROOFS } from './proof/table.js';
import {
  type Coverage,
  type Requirement,
  readCoverage,
  type Standing,
  standingOf,
} from './support/coverage.js';

const { values } = parseArgs({
  options: {
    missing: { type: 'boolean', default: false },
    prove: { type: 'boolean', default: false },
    sample: { type: 'string' },
    seed: { type: 'string', default: String(Date.now()) },
  },
});
const coverage = readCoverage();
const shown = coverage.counted.filter((one) => standingOf(one, coverage) === 'covered').map(({ id }) => id);
const chosen = values.sample === undefined ? shown : drawn(shown, Number(values.sample), values.seed);
const unproved = values.prove ? await proveAll(chosen) : undefined;
const proved = chosen.filter((id) => unproved !== undefined && !unproved.has(id));

console.log('MUST and MUST NOT that show on the wire\n');
console.log(
  row(['revision', ...(unproved === undefined ? [] : ['proved']), 'shown', 'explained', 'open', 'total']),
);
const revisions = [...new Set(coverage.counted.map(({ revision }) => revision))];
for (const revision of revisions) tell(revision, (one) => one.revision === revision);
tell('all', () => true);
for (const standing of ['open', 'reasoned'] as const) tellMissing(standing, coverage);

/** The clauses with a violation that no transcript noticed. */
async function proveAll(clauses: string[]): Promise<Set<string>> {
  if (values.sample !== undefined) console.log(`${clauses.length} clauses, drawn by --seed ${values.seed}\n`);
  const unnoticed = new Set(clauses.filter((id) => PROOFS[id] === undefined));
  for (const id of unnoticed) console.log(`${id}: no violation is named`);
  await prove(PROOFS, clauses, ({ clause, does, noticed, by }) => {
    if (noticed) return;
    unnoticed.add(clause);
    console.log(`${clause}: not noticed: a server that ${does}\n  ${by}`);
  });
  process.exitCode = unnoticed.size === 0 ? 0 : 1;
  return unnoticed;
}

function tell(name: string, wanted: (one: Requirement) => boolean): void {
  const ours = coverage.counted.filter(wanted);
  const number = (standing: Standing) => ours.filter((one) => standingOf(one, coverage) === standing).length;
  const proofs = unproved === undefined ? [] : [ours.filter(({ id }) => proved.includes(id)).length];
  console.log(row([name, ...proofs, number('covered'), number('reasoned'), number('open'), ours.length]));
}

function row([first, ...rest]: (string | number)[]): string {
  return `${String(first).padEnd(12)}${rest.map((cell) => String(cell).padStart(10)).join('')}`;
}

function tellMissing(standing: Standing, { counted, reasons }: Coverage): void {
  const missing = counted.filter((one) => standingOf(one, coverage) === standing);
  if (missing.length === 0) return;
  console.log(`\n${standing === 'open' ? 'open' : 'explained'}: ${missing.length}`);
  const pages = new Set(missing.map(({ revision, page }) => `${revision}/${page}`));
  for (const page of pages) {
    const ours = missing.filter((one) => `${one.revision}/${one.page}` === page);
    const full = values.missing;
    console.log(full ? `\n${page}` : `${page}: ${ours.map(({ id }) => id.split('/').at(-1)).join(' ')}`);
    if (full) for (const { id, level, summary } of ours) console.log(`  ${id} ${level}: ${summary}`);
  }
  if (standing !== 'reasoned' || !values.missing) return;
  console.log('\nwhy');
  for (const [idOrPrefix, reason] of Object.entries(reasons)) console.log(`  ${idOrPrefix}: ${reason}`);
}
