import { PassThrough } from 'node:stream';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { BOUNDS, createEndpoint, elicit, serveStdio, type Tool } from '../../src/index.js';
import { SUPPORTED } from '../../src/wire/revisions.js';
import { held, legacy, MODERN } from '../http/wire.js';
import { toolOf } from '../mcp/ask.js';
import { turn, until } from '../support/until.js';

const test = suite('stdio/serve');

type Answer = {
  id?: unknown;
  method?: string;
  result?: { protocolVersion?: string; isError?: boolean; tools?: unknown[]; content?: unknown };
  error?: { code: number; message: string; data?: unknown };
  params?: { progress: number };
};
type Talk = {
  send(...lines: string[]): void;
  heard: (Answer | Answer[])[];
  until(count: number): Promise<Answer[]>;
  end(): Promise<void>;
  errors: unknown[];
  /** What was written, as it was. */
  raw(): string;
};

function talk(tools: Tool[] = [toolOf('t')], bounds: Partial<typeof BOUNDS> = {}): Talk {
  const input = new PassThrough();
  const output = new PassThrough();
  const errors: unknown[] = [];
  const heard: (Answer | Answer[])[] = [];
  const all = { ...BOUNDS, ...bounds };
  const { server } = createEndpoint({
    name: 'bench',
    version: '1',
    tools,
    bounds,
    onError: (error) => errors.push(error),
  });
  const done = serveStdio(server, input, output, all);
  let rest = '';
  let written = '';
  output.setEncoding('utf8').on('data', (chunk: string) => {
    written += chunk;
    const lines = (rest + chunk).split('\n');
    rest = lines.pop() ?? '';
    // Whatever is written has to be JSON, a line each: else this throws and the test with it.
    for (const line of lines) heard.push(JSON.parse(line));
  });
  return {
    heard,
    errors,
    raw: () => written,
    send: (...lines) => void input.write(lines.map((line) => `${line}\n`).join('')),
    async until(count) {
      await until(() => heard.length >= count, `${count} messages`);
      return heard as Answer[];
    },
    async end() {
      input.end();
      await done;
      await turn();
      assert.is(rest, '');
    },
  };
}
const hello = (protocolVersion = '2025-11-25', id: unknown = 'hello', capabilities: object = {}): string =>
  legacy('initialize', { protocolVersion, capabilities, clientInfo: { name: 'c', version: '1' } }, id);
const note = (method: string, params?: object): string => JSON.stringify({ jsonrpc: '2.0', method, params });
const codes = (answers: readonly (Answer | Answer[])[]): unknown[] =>
  (answers as Answer[]).map(({ error }) => error?.code);

test('a line has no U+0085, U+2028 or U+2029 that splits it for some readers, and means the same', async () => {
  const words = 'a\u0085b\u2028c\u2029d';
  const tool = toolOf('says', { handler: () => ({ content: [{ type: 'text', text: words }] }) });
  const { send, until, raw } = talk([tool]);
  send(hello(), legacy('tools/call', { name: 'says' }, 2));
  const [, answer] = await until(2);
  assert.equal(answer?.result?.content, [{ type: 'text', text: words }]);
  assert.not.match(raw(), /[\u0085\u2028\u2029]/);
});

test('a malformed answer fails its question at once, and its refusal has no id', async () => {
  const form = elicit('Go on?', { type: 'object', properties: {} });
  const asking = toolOf('asking', {
    handler: async (_args, { ask }) => ({ structuredContent: await ask('go', form) }),
  });
  for (const answer of [
    '"result":null',
    '"result":{"action":"accept"},"error":null',
    '"error":null',
    '"result":[]',
    `"result":{"action":"accept","content":${'['.repeat(80)}${']'.repeat(80)}}`,
    '"x":1',
  ]) {
    const { send, until, end } = talk([asking]);
    send(hello('2025-11-25', 'hello', { elicitation: {} }), legacy('tools/call', { name: 'asking' }, 2));
    const [, question] = await until(2);
    send(`{"jsonrpc":"2.0","id":${JSON.stringify(question?.id)},${answer}}`);
    const [, , refusal, failed] = await until(4);
    assert.equal([refusal?.id, refusal?.error?.code], [undefined, -32600], answer);
    assert.equal([failed?.id, failed?.result?.isError], [2, true]);
    await end();
  }
});
test('a message pipelined behind initialize uses the settled revision', async () => {
  for (const revision of SUPPORTED.slice(1)) {
    const { send, heard, end } = talk();
    send(
      hello(revision),
      note('notifications/initialized'),
      legacy('tools/list', {}, 2),
      legacy('ping', {}, 3),
    );
    await end();
    const [first, ...others] = heard as Answer[];
    assert.is(first?.result?.protocolVersion, revision);
    assert.equal(others.map(({ id }) => id).sort(), [2, 3]);
    assert.equal(codes(others), [undefined, undefined]);
  }
});
test('modern requests need no handshake, and work beside one', async () => {
  const { send, heard, end } = talk();
  send(
    legacy('tools/list', { _meta: MODERN }, 1),
    hello(),
    legacy('tools/list', { _meta: MODERN }, 2),
    legacy('ping', {}, 3),
  );
  await end();
  const kinds = (heard as (Answer & { result: { resultType?: string } })[]).map(({ id, result }) => [
    id,
    result.resultType,
  ]);
  assert.equal(
    kinds.sort(),
    [
      [1, 'complete'],
      [2, 'complete'],
      [3, undefined],
      ['hello', undefined],
    ].sort(),
  );
});
test('a request before any agreement is refused with the revisions that are served', async () => {
  const { send, heard, end } = talk();
  send(legacy('tools/list'));
  await end();
  const [{ id, error } = {}] = heard as Answer[];
  assert.equal([id, error?.code, error?.data], [1, -32602, { supported: SUPPORTED }]);
});
test('blank lines are ignored, and CRLF ends a line as well', async () => {
  const { send, heard, end } = talk();
  send('', '\r', '   ', `${hello()}\r`, '', `${legacy('ping', {}, 2)}\r`);
  await end();
  assert.equal(
    (heard as Answer[]).map(({ id }) => id),
    ['hello', 2],
  );
});
test('a line that cannot be read is refused without an id, and the conversation goes on', async () => {
  const { send, heard, end, until } = talk([toolOf('t')], { bodyBytes: 1_000 });
  send(
    '{',
    'x'.repeat(2_000),
    '{"jsonrpc":"2.0","id":null,"method":"ping"}',
    '7',
    '[]',
    '{"__proto__":1}',
    '['.repeat(900),
    hello(),
  );
  await until(8);
  assert.equal(codes(heard), [-32700, -32600, -32600, -32600, -32600, -32600, -32700, undefined]);
  assert.equal(
    (heard as Answer[]).slice(0, 7).map((answer) => 'id' in answer),
    Array(7).fill(false),
  );
  assert.match((heard as Answer[])[1]?.error?.message ?? '', 'a line may have at most 1000 bytes');
  await end();
});
test('bytes that are not UTF-8 are refused, and the next line is read', async () => {
  const input = new PassThrough();
  const output = new PassThrough();
  const { server } = createEndpoint({ name: 'b', version: '1', tools: [] });
  const done = serveStdio(server, input, output, BOUNDS);
  input.end(Buffer.concat([Buffer.from([0x22, 0xff, 0x22, 0x0a]), Buffer.from(`${hello()}\n`)]));
  await done;
  const lines = String(output.read())
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Answer);
  assert.equal(
    [lines.length, lines[0]?.error?.message, lines[1]?.id],
    [2, 'Parse error: the bytes are not UTF-8', 'hello'],
  );
});
test('notifications and answers are never answered', async () => {
  const { send, heard, end } = talk();
  send(
    note('notifications/x'),
    note('tools/list'),
    '{"jsonrpc":"2.0","id":1,"result":{}}',
    '{"jsonrpc":"2.0","id":1,"error":{}}',
    note('notifications/cancelled', { requestId: {} }),
    note('notifications/cancelled'),
  );
  await end();
  assert.equal(heard, []);
});
test('a batch is answered in one line under 2025-03-26, and refused under any other revision', async () => {
  const batch = `[${legacy('ping', {}, 1)},${note('notifications/x')},${legacy('nope', {}, 2)}]`;
  for (const revision of SUPPORTED.slice(1)) {
    const { send, heard, end } = talk();
    send(hello(revision), batch, `[${note('notifications/x')}]`);
    await end();
    if (revision === '2025-03-26') {
      assert.is(heard.length, 2);
      assert.equal(codes(heard[1] as Answer[]), [undefined, -32601]);
    } else {
      assert.equal(codes(heard).sort(), [-32600, -32600, undefined]);
    }
  }
});
test('an initialize that is refused, or that is modern, settles nothing', async () => {
  const { send, heard, end, until } = talk();
  send(legacy('initialize', {}, 1));
  await until(1);
  send(legacy('initialize', { protocolVersion: '2025-11-25', _meta: MODERN }, 2));
  await until(2);
  send(legacy('tools/list', {}, 3));
  await end();
  assert.equal(codes(heard), [-32602, -32601, -32602]);
});
test('initialize cannot be part of a batch', async () => {
  const { send, heard, end, until } = talk();
  send(hello('2025-03-26'));
  await until(1);
  send(`[${hello('2025-11-25', 'again')},${legacy('ping', {}, 2)}]`);
  await until(2);
  send(`[${legacy('ping', {}, 3)}]`);
  await end();
  assert.equal(codes(heard[1] as Answer[]), [-32600, undefined]);
  assert.ok(Array.isArray(heard[2]), 'what was agreed before still holds');
});
test('a batch that is empty or too long is refused', async () => {
  const { send, heard, end } = talk([], { batchMessages: 2 });
  send(
    hello('2025-03-26'),
    '[]',
    `[${[1, 2, 3].map((id) => legacy('ping', {}, id)).join()}]`,
    `[${legacy('ping')}]`,
  );
  await end();
  assert.equal(codes(heard.filter((each) => !Array.isArray(each))).sort(), [-32600, -32600, undefined]);
  assert.is(heard.filter(Array.isArray).length, 1);
});
test('a cancelled call is stopped and nothing more is written for it', async () => {
  const { tool, started } = held();
  const { send, heard, end, errors } = talk([tool]);
  send(legacy('tools/call', { name: 'held', _meta: { ...MODERN, progressToken: 1 } }, 'c'));
  const signal = await started;
  send(
    note('notifications/cancelled', { requestId: 'x' }),
    note('notifications/cancelled', { requestId: 'c', reason: 'enough' }),
  );
  await end();
  assert.equal([signal.aborted, (signal.reason as Error).message], [true, 'enough']);
  assert.equal([heard, errors], [[], []]);
});
test('ids 1 and "1" are two, and an id that is being answered is refused', async () => {
  const { tool, started, letGo } = held();
  const { send, heard, end, until } = talk([tool]);
  send(legacy('tools/call', { name: 'held', _meta: MODERN }, 1));
  await started;
  send(legacy('tools/list', { _meta: MODERN }, '1'), legacy('tools/list', { _meta: MODERN }, 1));
  await until(2);
  assert.equal(
    (heard as Answer[]).map(({ id, error }) => [id, error?.code]).sort(),
    [
      ['1', undefined],
      [1, -32600],
    ].sort(),
  );
  letGo();
  await until(3);
  send(legacy('tools/list', { _meta: MODERN }, 1));
  await end();
  assert.is(heard.length, 4);
});
test('progress comes before its answer', async () => {
  const tool = toolOf('steps', {
    handler: async (_args, { progress }) => {
      for (const step of [1, 1, 2]) progress(step);
      return {};
    },
  });
  const { send, heard, end } = talk([tool]);
  send(legacy('tools/call', { name: 'steps', _meta: { ...MODERN, progressToken: 'p' } }));
  await end();
  assert.equal(
    (heard as Answer[]).map(({ params, id }) => params?.progress ?? id),
    [1, 2, 1],
  );
  assert.is((heard as Answer[])[2]?.method, undefined);
});
test('when stdin ends while a question is open, the call fails and the conversation ends at once', async () => {
  const form = elicit('Go on?', { type: 'object', properties: {} });
  const asking = toolOf('asking', {
    handler: async (_args, { ask }) => {
      await ask('first', form).catch(() => undefined);
      return { structuredContent: await ask('second', form) };
    },
  });
  const { send, until, end, heard } = talk([asking], { drainMs: 60_000 });
  send(hello('2025-11-25', 'hello', { elicitation: {} }), legacy('tools/call', { name: 'asking' }, 2));
  await until(2);
  const began = performance.now();
  await end();
  assert.ok(performance.now() - began < 20_000);
  const [, , failed, ...more] = heard as Answer[];
  assert.equal([failed?.id, failed?.result?.isError, more], [2, true, []]);
  assert.equal(failed?.result?.content, [{ type: 'text', text: 'the client has left' }]);
});
test('when stdin ends, a running call is answered', async () => {
  const { tool, started, letGo } = held();
  const { send, heard, end } = talk([tool]);
  send(legacy('tools/call', { name: 'held', _meta: MODERN }, 9));
  await started;
  const ended = end();
  await turn();
  letGo();
  await ended;
  assert.equal(
    (heard as Answer[]).map(({ id, error }) => [id, error]),
    [[9, undefined]],
  );
});
test('when stdin ends, a call that runs too long is stopped, and its signal says so', async () => {
  const { tool, started } = held();
  const { send, heard, end } = talk([tool], { drainMs: 60 });
  send(legacy('tools/call', { name: 'held', _meta: MODERN }, 9));
  await started;
  const began = performance.now();
  await end();
  assert.ok(performance.now() - began < 4_500);
  assert.equal(
    (heard as Answer[]).map(({ id, error }) => [id, error?.code, error?.message]),
    [[9, 503, 'Stopping: stdin has ended']],
  );
});
test('progress is lost on a client that does not read, answers are not', async () => {
  let floods = 0;
  const tool = toolOf('flood', {
    handler: async (_args, { progress }) => {
      for (let step = 0; step < 20_000; step += 1) progress(step, 1, 'x'.repeat(100));
      floods += 1;
      return {};
    },
  });
  const input = new PassThrough();
  const output = new PassThrough();
  const { server } = createEndpoint({ name: 'b', version: '1', tools: [tool] });
  const done = serveStdio(server, input, output, BOUNDS);
  for (const id of [1, 2, 3])
    input.write(`${legacy('tools/call', { name: 'flood', _meta: { ...MODERN, progressToken: id } }, id)}\n`);
  input.end();
  await until(() => floods > 0, 'a call has told of all its progress');
  await turn();
  assert.ok(output.readableLength + output.writableLength < 200_000);
  let text = '';
  output.setEncoding('utf8').on('data', (chunk: string) => {
    text += chunk;
  });
  await done;
  await turn();
  const lines = text
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Answer);
  assert.equal(
    lines
      .filter(({ id }) => id !== undefined)
      .map(({ id }) => id)
      .sort(),
    [1, 2, 3],
  );
});

test.run();
