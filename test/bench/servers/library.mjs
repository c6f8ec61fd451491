/**
 * The library by itself, as somebody who builds on it would write it: createEndpoint and tools. BENCH_ISSUER adds tokens and
 * the policy, BENCH_AUDIT the audit log in that folder; with BENCH_SYNC=off its disk says "done" without having done it.
 * Over IPC it is told to announce a list change, or to collect its garbage.
 */
import { writeSync } from 'node:fs';
import * as real from 'node:fs/promises';
import { createEndpoint, createPolicy, openAudit } from '../../../dist/index.js';
import * as tools from './add.mjs';

const { BENCH_ISSUER: issuer, BENCH_AUDIT: dir, BENCH_SYNC: sync } = process.env;
const clock = () => new Date();

/** Written like any other, and on disk at once, or so it says. */
async function withoutSync(...how) {
  const handle = await real.open(...how);
  return {
    write: (bytes, offset, length) => ({ bytesWritten: writeSync(handle.fd, bytes, offset, length) }),
    datasync: async () => {},
    truncate: (length) => handle.truncate(length),
    stat: () => handle.stat(),
    close: () => handle.close(),
  };
}

const log =
  dir === undefined
    ? undefined
    : await openAudit({
        dir,
        replica: 'bench',
        clock,
        onError: console.error,
        ...(sync === 'off' ? { fs: { ...real, open: withoutSync } } : {}),
      });

const endpoint = createEndpoint({
  name: 'bench',
  version: '1.0.0',
  tools: [...Object.values(tools).flat(), tools.changing()].filter((tool) => 'handler' in tool),
  ...(issuer === undefined
    ? {}
    : { auth: { issuers: [{ issuer }] }, policy: createPolicy({ name: 'bench', clock }) }),
  ...(log === undefined ? {} : { audit: { log } }),
});
console.log(await endpoint.listen(0));

process.on('message', (told) => {
  if (told === 'changed') endpoint.changed({ kind: 'tools' });
  if (told === 'collect') {
    globalThis.gc?.();
    process.send('collected');
  }
});
process.on('SIGTERM', async () => {
  await endpoint.close();
  await log?.close();
  process.exit(0);
});
