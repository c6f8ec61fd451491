/** Who the caller on stdio is, checked again for each request: the bearer of a token, or the person who started the process. */
import { PassThrough } from 'node:stream';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { stdioSpeaker } from '../../src/app/access.js';
import { configure } from '../../src/app/settings/config.js';
import { createPolicy } from '../../src/governance/policy/policy.js';
import { BOUNDS, createEndpoint, elicit, type Tool } from '../../src/index.js';
import { Fault } from '../../src/wire/fault.js';
import type { Speaker } from '../../src/wire/stdio/conversation.js';
import { serveStdio } from '../../src/wire/stdio/serve.js';
import { at, type Body, closeGuarded, counted, startIssuer } from '../endpoint/guarded.js';
import { legacy, MODERN } from '../http/wire.js';
import { principalOf, toolOf } from '../mcp/ask.js';
import { turn, until } from '../support/until.js';

const test = suite('stdio/speaker');
test.after(closeGuarded);

type Heard = Body & { id?: unknown; method?: string };
type Talk = {
  say(...lines: string[]): void;
  until(count: number): Promise<Heard[]>;
  end(): Promise<void>;
};

function talk(tools: Tool[], speaker?: Speaker): Talk {
  const input = new PassThrough();
  const output = new PassThrough();
  const heard: Heard[] = [];
  const policy = createPolicy({ name: 'bench', clock: () => new Date() });
  const { server } = createEndpoint({ name: 'bench', version: '1', tools, policy });
  const done = serveStdio(server, input, output, BOUNDS, speaker);
  output.setEncoding('utf8').on('data', (chunk: string) => {
    for (const line of chunk.split('\n').filter(Boolean)) heard.push(JSON.parse(line));
  });
  return {
    say: (...lines) => void input.write(lines.map((line) => `${line}\n`).join('')),
    async until(count) {
      await until(() => heard.length >= count, `${count} messages`);
      return heard.splice(0);
    },
    async end() {
      input.end();
      await done;
      assert.equal(heard, []);
    },
  };
}

const call = (name: string, id: unknown = 1): string => legacy('tools/call', { name }, id);
const modern = (method: string, params: object = {}, id: unknown = 1): string =>
  legacy(method, { ...params, _meta: MODERN }, id);
const hello = legacy('initialize', {
  protocolVersion: '2025-11-25',
  capabilities: {},
  clientInfo: { name: 'c', version: '1' },
});
const codes = (answers: Heard[]): unknown[] => answers.map(({ id, error }) => [id, error?.code]);

test('a handler that asked its client does not go on when the caller has lost its rights', async () => {
  const ran: string[] = [];
  const asks = toolOf('asks', {
    handler: async (_args, { ask }) => {
      await ask('go', elicit('Go on?', { type: 'object', properties: {} }));
      ran.push('asks');
      return { content: [] };
    },
  });
  let speaks: ReturnType<Speaker> = principalOf({ scopes: ['bench:read'] });
  const { say, until, end } = talk([asks], () => speaks);
  say(hello.replace('"capabilities":{}', '"capabilities":{"elicitation":{}}'));
  await until(1);
  say(call('asks', 2));
  const [asked] = await until(1);
  speaks = new Fault('unauthorized', 'the token has expired');
  say(JSON.stringify({ jsonrpc: '2.0', id: asked?.id, result: { action: 'accept', content: {} } }));
  const [answer] = await until(1);
  assert.equal([answer?.id, answer?.error?.code], [2, 401]);
  assert.equal(ran, []);
  await end();
});

test('each request of a caller without rights is refused, in both eras, and nothing runs', async () => {
  const { tool, runs } = counted('t');
  const fault = new Fault('unauthorized', 'the token has expired', {
    headers: { 'www-authenticate': 'Bearer' },
  });
  for (const speaker of [() => fault, async () => fault]) {
    const { say, until, end } = talk([tool], speaker);
    say(
      modern('tools/call', { name: 't' }, 1),
      modern('server/discover', {}, 2),
      hello.replace('"id":1', '"id":3'),
    );
    const answers = await until(3);
    assert.equal(answers[0], {
      jsonrpc: '2.0',
      id: 1,
      error: {
        code: 401,
        message: 'Unauthorized: the token has expired',
        data: { reason: 'invalid_token', remediation: 'undisclosed' },
      },
    } as Heard);
    assert.equal(codes(answers), [
      [1, 401],
      [2, 401],
      [3, 401],
    ]);
    await end();
  }
  assert.is(runs(), 0);
});
test('notifications and answers are not authenticated', async () => {
  let asked = 0;
  const speaker = () => {
    asked += 1;
    return new Fault('unauthorized', 'no');
  };
  const { say, until, end } = talk([toolOf('t')], speaker);
  say(
    '{"jsonrpc":"2.0","method":"notifications/initialized"}',
    '{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":1}}',
    '{"jsonrpc":"2.0","id":1,"result":{}}',
    'not json',
  );
  // A line that cannot be read is answered, no matter who sent it.
  assert.equal(codes(await until(1)), [[undefined, -32700]]);
  assert.is(asked, 0);
  say(modern('server/discover'));
  assert.equal(codes(await until(1)), [[1, 401]]);
  assert.is(asked, 1);
  await end();
});
test('each request is authenticated again: rights end with their token, and begin again with the next', async () => {
  const { tool, runs } = counted('t');
  let who: ReturnType<Speaker> = new Fault('unavailable', 'the token cannot be checked just now; try again');
  const { say, until, end } = talk([tool], () => who);
  say(hello);
  assert.equal(codes(await until(1)), [[1, 503]]);
  who = principalOf({ scopes: ['bench:read'] });
  say(hello);
  assert.ok((await until(1))[0]?.result);
  say(call('t', 2));
  assert.ok((await until(1))[0]?.result);
  who = new Fault('unauthorized', 'the token has expired');
  say(call('t', 3));
  assert.equal(codes(await until(1)), [[3, 401]]);
  who = principalOf({ scopes: ['bench:read'] });
  say(call('t', 4));
  assert.ok((await until(1))[0]?.result);
  assert.is(runs(), 2);
  await end();
});
test('slow authentication changes no order: a message pipelined behind initialize finds it settled', async () => {
  const principal = principalOf({ scopes: ['bench:read'] });
  const checked = turn()
    .then(turn)
    .then(() => principal);
  const { say, until, end } = talk([toolOf('t')], () => checked);
  say(hello, legacy('tools/list', {}, 2), legacy('tools/list', {}, 3), call('t', 4));
  const answers = await until(4);
  // A call takes longer than a list, and might be overtaken.
  assert.equal(
    answers.map(({ id, result }) => [id, result !== undefined]),
    [
      [1, true],
      [2, true],
      [3, true],
      [4, true],
    ],
  );
  await end();
});
test('too little scope is refused with the scopes it needs, and without a challenge', async () => {
  const { tool, runs } = counted('t', { scope: 'bench:write', destructive: true });
  const { say, until, end } = talk([tool], () => principalOf({ scopes: ['bench:read'] }));
  say(hello, call('t', 2), modern('tools/call', { name: 't' }, 3));
  const [, ...refused] = await until(3);
  for (const { error } of refused) {
    assert.equal(error, {
      code: 403,
      message: 'Forbidden: missing scope: bench:write',
      data: {
        reason: 'insufficient_scope',
        remediation: 'available',
        scope: 'bench:write approved:by:human',
      },
    });
  }
  assert.is(runs(), 0);
  await end();
});
test('the bearer of the token in the environment is checked as over HTTP', async () => {
  const issuer = await startIssuer();
  const claims = (others: object = {}) => ({
    iss: issuer.issuer,
    sub: 'ada',
    aud: 'http://localhost:3000/mcp',
    client_id: 'bench',
    scope: 'bench:read',
    iat: at(0),
    exp: at(60),
    ...others,
  });
  const outcome = async (token: string, name: 'readonly' | 'destructive' = 'readonly'): Promise<unknown> => {
    const config = configure({ issuers: [issuer.issuer], stdioToken: token });
    const { say, until, end } = talk([toolOf('t')], await stdioSpeaker(config, name, () => [toolOf('t')]));
    say(modern('tools/call', { name: 't' }));
    const [answer] = await until(1);
    await end();
    assert.not.ok(JSON.stringify(answer).includes(token));
    return answer?.error?.message ?? answer?.result?.content?.[0]?.text;
  };
  assert.is(await outcome(issuer.sign(claims())), 'done');
  assert.is(await outcome(issuer.sign(claims({ scope: '' }))), 'Forbidden: missing scope: bench:read');
  assert.is(await outcome(issuer.sign(claims({ exp: at(-60) }))), 'Unauthorized: the token has expired');
  assert.is(
    await outcome(issuer.sign(claims()), 'destructive'),
    'Unauthorized: the token is for another audience',
  );
  assert.is(await outcome('rubbish'), 'Unauthorized: the token is malformed');
  await issuer.goAway();
  const unchecked = await outcome(issuer.sign(claims()));
  await issuer.comeBack();
  assert.is(unchecked, 'Unavailable: the token cannot be checked just now; try again');
});
test('without a token the caller is the person who started the process, who may call tools that need no approval', async () => {
  const tools = [toolOf('read'), toolOf('write', { scope: 'bench:write', destructive: true })];
  const { say, until, end } = talk(tools, await stdioSpeaker(configure({}), 'readonly', () => tools));
  say(modern('tools/call', { name: 'read' }, 1), modern('tools/call', { name: 'write' }, 2));
  const answers = await until(2);
  assert.equal(codes(answers.sort((one, other) => Number(one.id) - Number(other.id))), [
    [1, undefined],
    [2, 403],
  ]);
  await end();
});

test.run();
