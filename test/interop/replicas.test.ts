/**
 * The official clients against two replicas over a real PostgreSQL, behind a proxy that alternates between them:
 * what a client sees is one server.
 */
import { LoggingMessageNotificationSchema } from '@modelcontextprotocol/sdk/types.js';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { createPostgresState, type Endpoint, type SharedState } from '../../src/index.js';
import { createEverything } from '../conformance/everything.js';
import { startPostgres } from '../support/postgres.js';
import { reportSkip } from '../support/programs.js';
import { RoundRobin } from '../support/round-robin.js';
import { until } from '../support/until.js';
import { textOf } from './expectations.js';
import { type Face, openV1, openV2 } from './faces.js';

const test = suite('interop/replicas');
const KEY = new Uint8Array(32).fill(7);

const server = await startPostgres();
if (server === undefined) reportSkip('interop/replicas', 'PostgreSQL is not installed here');
else {
  const proxy = new RoundRobin();
  const states: SharedState[] = [];
  const replicas: Endpoint[] = [];
  let url: URL;
  test.before(async () => {
    for (let count = 0; count < 2; count += 1) {
      const state = createPostgresState({
        url: server.url,
        clock: () => new Date(),
        onError: () => undefined,
      });
      const replica = createEverything({ stateless: false, state, sealingKeys: [KEY] });
      states.push(state);
      replicas.push(replica);
      proxy.targets.push(Number(new URL(await replica.listen(0)).port));
    }
    url = new URL(`http://127.0.0.1:${await proxy.listen()}/mcp`);
  });
  test.after(async () => {
    proxy.close();
    await Promise.all(replicas.map((replica) => replica.close()));
    await Promise.all(states.map((state) => state.close()));
    await server.stop();
  });

  /** Both got requests, or the test shows nothing. */
  const turns = async (run: () => Promise<void>): Promise<void> => {
    const before = [...proxy.served];
    await run();
    for (const at of [0, 1])
      assert.ok((proxy.served[at] ?? 0) > (before[at] ?? 0), `replica ${at} was asked`);
  };

  for (const [name, open] of [
    ['version 1, in a session', openV1],
    ['version 2', openV2],
  ] as const) {
    let face: Face;
    test(`${name}: its user, its model and its roots are asked, many times`, () =>
      turns(async () => {
        face = await open(url);
        for (let turn = 0; turn < 5; turn += 1) {
          assert.match(textOf(await face.call('test_elicitation', { message: 'How?' })), '"response":"fine"');
          assert.match(
            textOf(await face.call('test_sampling', { prompt: 'Capital?' })),
            'LLM response: Paris',
          );
          const roots = textOf(await face.call('test_input_required_result_list_roots'));
          assert.match(roots, 'file:///home/ann');
        }
        assert.is(face.asked.length, 15);
      }));
    test(`${name}: three questions at once, and a second round after the first`, () =>
      turns(async () => {
        const said = textOf(await face.call('test_input_required_result_multiple_inputs'));
        for (const part of ['Ann', 'Paris', 'file:///home/ann']) assert.match(said, part);
        const rounds = textOf(await face.call('test_input_required_result_multi_round'));
        assert.match(rounds, 'Ann who likes green');
      }));
    test(`${name}: progress comes in order`, () =>
      turns(async () => {
        for (let turn = 0; turn < 2; turn += 1) {
          const steps: number[] = [];
          await face.call('test_tool_with_progress', {}, { progress: (step) => steps.push(step) });
          assert.equal(steps, [0, 50, 100]);
        }
      }));
    test(`${name}: leaves`, () => face.close());
  }

  test('version 1: a call whose stream was closed is resumed, whichever replica that reaches', () =>
    turns(async () => {
      const { call, close } = await openV1(url);
      for (let turn = 0; turn < 2; turn += 1)
        assert.ok(textOf(await call('test_reconnection')).length > 0, 'it is answered');
      await close();
    }));
  test('version 1: its subscription and its log level hold at both', () =>
    turns(async () => {
      const { client, call, told, close } = await openV1(url);
      const uri = 'test://watched-resource';
      const logged: unknown[] = [];
      client.setNotificationHandler(LoggingMessageNotificationSchema, ({ params }) => {
        logged.push(params.level);
      });
      await client.subscribeResource({ uri });
      for (const replica of replicas) {
        told.length = 0;
        // No event tells when the client's GET stream is open.
        await until(async () => {
          replica.changed({ kind: 'resource', uri });
          return told.length > 0;
        });
      }
      await client.setLoggingLevel('emergency');
      for (let turn = 0; turn < 4; turn += 1) await call('test_tool_with_logging');
      assert.equal(logged, []);
      await close();
    }));
  test('version 1: a session that it ends is ended at both', async () => {
    const { client, transport, close } = await openV1(url);
    if (!('terminateSession' in transport)) throw new Error('not over HTTP');
    const { sessionId = '' } = transport;
    await client.ping();
    await transport.terminateSession();
    await close();
    for (let turn = 0; turn < 4; turn += 1) {
      const response = await fetch(url, {
        method: 'POST',
        headers: { 'content-type': 'application/json', 'mcp-session-id': sessionId },
        body: '{"jsonrpc":"2.0","id":1,"method":"ping"}',
      });
      assert.is(response.status, 404);
      await response.body?.cancel();
    }
  });
  test('version 2: a listener is notified of changes at either', async () => {
    const { client, told, call, close } = await openV2(url);
    const listening = await client.listen({ toolsListChanged: true });
    for (let turn = 0; turn < 4; turn += 1) await call('test_trigger_tool_change');
    await until(async () => told.length === 4);
    await listening.close();
    await close();
  });
}

test.run();
