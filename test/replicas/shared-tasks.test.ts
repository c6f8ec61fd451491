/** Tasks of several replicas in one process: who owns them, and what happens to them when their replica is gone. */
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { Leases } from '../../src/cluster/leases.js';
import { Replica } from '../../src/cluster/replica.js';
import { ReplicaChannel } from '../../src/cluster/replica-channel.js';
import { type SharedState, StateUnavailable } from '../../src/cluster/shared-state.js';
import { createMemoryState } from '../../src/cluster/state/memory-state.js';
import { SharedTasks } from '../../src/cluster/tasks/shared-tasks.js';
import { afterUnlessDone } from '../../src/wire/clock.js';
import { Fault } from '../../src/wire/fault.js';
import { type Change, Changes } from '../../src/wire/mcp/connection.js';
import type { TaskWork } from '../../src/wire/mcp/task-store.js';
import { anyReader } from '../mcp/ask.js';
import { inHeldTime } from '../support/time.js';
import { until } from '../support/until.js';

const test = suite('replicas/shared-tasks');

const LEASE_MS = 500;
const never: TaskWork = () => new Promise(() => {});
const open: Replica[] = [];
test.after(() => {
  for (const replica of open) replica.close();
});

/** A state that can be away. */
function unsteady(): SharedState & { away: boolean } {
  const state = createMemoryState(() => new Date());
  const made = {
    ...state,
    away: false,
    get: async (...asked: Parameters<SharedState['get']>) => {
      if (made.away) throw new StateUnavailable('away');
      return state.get(...asked);
    },
    update: async <Result>(space: string, key: string, step: Parameters<typeof state.update<Result>>[2]) => {
      if (made.away) throw new StateUnavailable('away');
      return state.update(space, key, step);
    },
  };
  return made;
}

let made = 0;
function join(state: SharedState) {
  const replica = new Replica(state, 'server', () => undefined);
  open.push(replica);
  const leases = new Leases(replica, LEASE_MS);
  const changes = new Changes();
  const told: unknown[] = [];
  changes.listen((change: Change) => change.kind === 'task' && told.push(change.task.status));
  const options = {
    after: afterUnlessDone,
    clock: () => new Date(),
    newId: () => {
      made += 1;
      return `task-${made}`;
    },
    changes,
    errorOf: (error: unknown) => ({ code: -1, message: String(error) }),
  };
  const tasks = new SharedTasks(options, new ReplicaChannel(replica), leases);
  const start = async (work: TaskWork, principal = 'ann'): Promise<string> =>
    String(given(await tasks.start(principal, { elicitation: {} }, work)).task.taskId);
  return { replica, leases, tasks, told, start };
}
/** The value, unless it is a refusal. */
function given<T>(value: T | Fault): T {
  if (value instanceof Fault) throw value;
  return value;
}

async function refusal(run: () => unknown): Promise<string> {
  try {
    given(await run());
  } catch (error) {
    if (error instanceof Fault) return error.name;
    throw error;
  }
  return 'not refused';
}

test('a task is known to its principal only, at every replica', async () => {
  const state = unsteady();
  const [a, b] = [join(state), join(state)];
  const id = await a.start(never);
  for (const { tasks } of [a, b]) {
    assert.is(given(await tasks.get(anyReader('ann'), id)).status, 'working');
    assert.is(await tasks.has(anyReader('bob'), id), false);
    for (const run of [
      () => tasks.get(anyReader('bob'), id),
      () => tasks.update(anyReader('bob'), id, {}),
      () => tasks.cancel('bob', id),
      () => tasks.get(anyReader('ann'), 7),
    ])
      assert.is(await refusal(run), 'invalidParams');
  }
  assert.is(given(await a.tasks.get(anyReader('ann'), id)).status, 'working');
});
test('a task whose replica is gone has failed, and says why; its followers are notified', () =>
  inHeldTime(async (time) => {
    const state = unsteady();
    const [a, b] = [join(state), join(state)];
    const [id, other] = [await a.start(never), await a.start(never)];
    b.tasks.follow([id]);
    await time.pass(2 * LEASE_MS);
    assert.is(given(await b.tasks.get(anyReader('ann'), other)).status, 'working');
    // As if it were killed: it releases nothing.
    a.replica.close();
    await time.pass(2 * LEASE_MS);
    assert.ok(b.told.includes('failed'), 'a follower is notified');
    const lost = given(await b.tasks.get(anyReader('ann'), other));
    assert.is(lost.status, 'failed');
    assert.ok(JSON.stringify(lost.error).includes('the replica that worked on the task is gone'));
  }));
test('a state that was away for everybody does not make replicas look dead, and messages meanwhile are not lost', () =>
  inHeldTime(async (time) => {
    const state = unsteady();
    const [a, b] = [join(state), join(state)];
    let finish = (): void => {};
    const done = new Promise<void>((resolve) => {
      finish = resolve;
    });
    const id = await a.start(async () => {
      await done;
      return { content: [] };
    });
    await time.pass(2 * LEASE_MS);
    state.away = true;
    finish();
    assert.is(await refusal(() => b.tasks.get(anyReader('ann'), id)), 'unavailable');
    assert.is(await refusal(() => b.tasks.start('ann', {}, never)), 'unavailable');
    await time.pass(3 * LEASE_MS);
    state.away = false;
    assert.is(given(await b.tasks.get(anyReader('ann'), id)).status, 'working');
    await until(async () => {
      await time.pass(LEASE_MS);
      return given(await b.tasks.get(anyReader('ann'), id)).status === 'completed';
    }, 'the result being written');
  }));
test('a replica that was taken for dead stops its work when it comes back', () =>
  inHeldTime(async (time) => {
    const state = unsteady();
    const [a, b] = [join(state), join(state)];
    let aborted = false;
    const id = await a.start(
      ({ signal }) =>
        new Promise((_, reject) => {
          signal.addEventListener('abort', () => {
            aborted = true;
            reject(signal.reason);
          });
        }),
    );
    await time.pass(2 * LEASE_MS);
    await a.leases.close();
    assert.is(given(await b.tasks.get(anyReader('ann'), id)).status, 'failed');
    await time.pass(LEASE_MS);
    assert.ok(aborted, 'the work is stopped');
    await time.pass(LEASE_MS);
    assert.is(given(await a.tasks.get(anyReader('ann'), id)).status, 'failed');
  }));

test.run();
