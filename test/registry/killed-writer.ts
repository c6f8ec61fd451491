/** A process to be killed: changes one entry as fast as it can and prints the number of each change that was kept. */
import { newEntry } from '../../src/services/registry/step.js';
import { openFileStore } from '../../src/services/registry/store/file-store.js';
import { AT, BY } from './made.js';

const store = await openFileStore(process.argv[2] ?? '', console.error);
for (;;) {
  const { result } = await store.update('https://a/', (before) => {
    const n = Number(before?.switch?.reason ?? 0) + 1;
    const reason = String(n);
    // Long enough for a kill to come in the middle of a write.
    const entry = { ...(before ?? newEntry('https://a/', BY, AT)), name: 'x'.repeat(50_000) };
    const details = [{ kind: 'switched', enabled: true, reason } as const];
    const made = { ...entry, switch: { enabled: true, by: BY, reason, at: AT } };
    return { result: n, put: { entry: made, name: 'a', details, by: BY, at: AT } };
  });
  console.log(result);
}
