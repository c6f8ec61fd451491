/**
 * `npm run coverage:spec`: how much of what the revisions ask of a server the transcripts show, and what they do not,
 * by page; with `--missing` in full.
 */
import {
  type Coverage,
  type Requirement,
  readCoverage,
  type Standing,
  standingOf,
} from './support/coverage.js';

const coverage = readCoverage();
const full = process.argv.includes('--missing');

console.log('MUST and MUST NOT that show on the wire\n');
console.log(row(['revision', 'covered', 'reasoned', 'open', 'total']));
const revisions = [...new Set(coverage.counted.map(({ revision }) => revision))];
for (const revision of revisions) tell(revision, (one) => one.revision === revision);
tell('all', () => true);
for (const standing of ['open', 'reasoned'] as const) tellMissing(standing, coverage);

function tell(name: string, wanted: (one: Requirement) => boolean): void {
  const ours = coverage.counted.filter(wanted);
  const number = (standing: Standing) => ours.filter((one) => standingOf(one, coverage) === standing).length;
  console.log(row([name, number('covered'), number('reasoned'), number('open'), ours.length]));
}

function row([first, ...rest]: (string | number)[]): string {
  return `${String(first).padEnd(12)}${rest.map((cell) => String(cell).padStart(9)).join('')}`;
}

function tellMissing(standing: Standing, { counted, reasons }: Coverage): void {
  const missing = counted.filter((one) => standingOf(one, coverage) === standing);
  if (missing.length === 0) return;
  console.log(`\n${standing}: ${missing.length}`);
  const pages = new Set(missing.map(({ revision, page }) => `${revision}/${page}`));
  for (const page of pages) {
    const ours = missing.filter((one) => `${one.revision}/${one.page}` === page);
    console.log(full ? `\n${page}` : `${page}: ${ours.map(({ id }) => id.split('/').at(-1)).join(' ')}`);
    if (full) for (const { id, level, summary } of ours) console.log(`  ${id} ${level}: ${summary}`);
  }
  if (standing !== 'reasoned' || !full) return;
  console.log('\nwhy');
  for (const [idOrPrefix, reason] of Object.entries(reasons)) console.log(`  ${idOrPrefix}: ${reason}`);
}
