/** Replicas are notified of each other's changes once their state listens, which may be after it was opened. */
import type { SharedState } from '../../src/index.js';
import { until } from './until.js';

/** Resolves when every watcher of this state is notified of its changes. */
export async function listens(state: SharedState): Promise<void> {
  let isTold = false;
  const unwatch = state.watch('listens', () => {
    isTold = true;
  });
  await until(async () => {
    const put = { value: {}, expiresAt: Date.now() + 1_000, tell: true };
    if (!isTold) await state.update('listens', 'probe', () => ({ result: undefined, put }));
    return isTold;
  }, 'the state listens');
  unwatch();
}
