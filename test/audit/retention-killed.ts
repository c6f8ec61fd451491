/** A process that closes days until it is killed: it compresses, and removes what is older than `keepDays`. */
import { realFs } from '../../src/governance/audit/disk.js';
import { closeDays } from '../../src/governance/audit/retention.js';

const [dir = '', now = '', keepDays] = process.argv.slice(2);
console.log('open');
await closeDays({
  fs: realFs,
  dir,
  now: new Date(now),
  keepDays: keepDays === undefined ? undefined : Number(keepDays),
  signing: undefined,
  onBroken: () => {},
  signal: new AbortController().signal,
});
console.log('done');
