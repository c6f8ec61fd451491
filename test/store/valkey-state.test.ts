/** Shared state on a real Valkey or Redis server, by several replicas. */
import { Redis } from 'ioredis';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { type SharedState, StateUnavailable } from '../../src/cluster/shared-state.js';
import { createValkeyState } from '../../src/cluster/state/valkey-state.js';
import { reportSkip } from '../support/programs.js';
import { until } from '../support/until.js';
import { startValkey } from '../support/valkey.js';
import { serverStateTests, stateTests } from './state.js';

const test = suite('store/valkey-state');

const clock = { now: new Date() };
const opened: SharedState[] = [];
const errors: string[] = [];
const onError = (error: unknown): void => void errors.push(String(error));
const server = await startValkey();

if (server === undefined) reportSkip('store/valkey-state', 'neither Valkey nor Redis is installed here');
else {
  const { url } = server;
  const open = (): SharedState => {
    const state = createValkeyState({ url, clock: () => clock.now, onError });
    opened.push(state);
    return state;
  };
  const admin = new Redis(url.replace('valkey:', 'redis:'));
  admin.on('error', () => undefined);
  test.after(async () => {
    await Promise.all(opened.map((state) => state.close()));
    admin.disconnect();
    await server.stop();
  });
  stateTests(test, () => ({ clock, open }));

  const put = (state: SharedState, key: string) =>
    state.update('again', key, () => ({
      result: undefined,
      put: { value: {}, expiresAt: clock.now.getTime() + 60_000, tell: true, group: 'g' },
    }));

  test('an update repeats its step when another replica was faster', async () => {
    const [one, two] = [open(), open()];
    let steps = 0;
    const counted = (state: SharedState) =>
      state.update('race', 'n', ({ n } = { n: 0 }) => {
        steps += 1;
        return {
          result: undefined,
          put: { value: { n: Number(n) + 1 }, expiresAt: clock.now.getTime() + 60_000 },
        };
      });
    await Promise.all(Array.from({ length: 100 }, (_, at) => counted(at % 2 === 0 ? one : two)));
    assert.equal(await one.get('race', 'n'), { n: 100 });
    assert.ok(steps > 100, 'no update was repeated');
  });
  test('a step that fails changes nothing, and its error reaches the caller', async () => {
    const state = open();
    const failed = await state
      .update('again', 'fails', () => {
        throw new RangeError('no');
      })
      .catch((error: unknown) => error);
    assert.instance(failed, RangeError);
    assert.is(await state.get('again', 'fails'), undefined);
  });
  test('values whose time has passed are removed, and their places in every list', async () => {
    const state = open();
    await put(state, 'old');
    clock.now = new Date(clock.now.getTime() + 200_000);
    await put(state, 'new');
    await until(async () => (await admin.keys('*old*')).length === 0, 'the sweep');
    for (const list of ['order:again', 'group:again\u001fg', 'expiry'])
      assert.equal(
        (await admin.zrange(`{barewire}:${list}`, '0', '-1')).filter((key) => key.includes('old')),
        [],
      );
  });
  test('updates that wait for a server that hangs fail together, not one deadline after the other', async () => {
    const state = open();
    await put(state, 'one');
    await admin.call('CLIENT', 'PAUSE', '6000', 'ALL');
    const refused = await Promise.all(
      Array.from({ length: 20 }, () => put(state, 'one').catch((error: unknown) => error)),
    );
    assert.instance(refused[0], StateUnavailable);
    assert.is(new Set(refused).size, 1);
    await until(
      () =>
        state.ready().then(
          () => true,
          () => false,
        ),
      'the server',
    );
  });
  serverStateTests(test, {
    ...{ clock, errors, open, server },
    nowhere: () => createValkeyState({ url: 'valkey://127.0.0.1:9', clock: () => clock.now, onError }),
    disconnect: () => admin.call('CLIENT', 'KILL', 'TYPE', 'pubsub'),
    send: (message) => admin.publish('{barewire}:changes', message),
  });
}

test.run();
