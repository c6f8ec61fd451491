/**
 * A process to be killed: writes records as fast as it can and prints the id of each one when it is acknowledged.
 *
 * Usage: node --import tsx test/audit/crash-writer.ts <dir> <replica> <prefix of the ids>
 */
import { openAudit } from '../../src/governance/audit/log.js';
import { ENTRY } from './logs.js';

const [dir = '', replica = '', prefix = ''] = process.argv.slice(2);
const audit = await openAudit({
  dir,
  replica,
  clock: () => new Date(),
  maxChars: 200_000,
  // Of thirteen tenants most are idle, and some are forgotten.
  maxOpen: 3,
  maxKnown: 5,
  onError: (error) => console.error(error),
});
console.log('open');

let count = 0;
const client = async (mine: number) => {
  // Some lines are so long that a kill can come in the middle of a write.
  const response = mine === 0 ? 'x'.repeat(100_000) : { rows: [] };
  for (;;) {
    count += 1;
    const requestId = `${prefix}-${count}`;
    const tenant = count % 3 === 0 ? `t${(count / 3) % 12}` : ENTRY.tenant;
    await audit.append({ ...ENTRY, tenant, requestId, response }, { durable: mine % 2 === 0 });
    console.log(requestId);
  }
};
await Promise.all(Array.from({ length: 6 }, (_, mine) => client(mine)));
