/**
 * What the official clients see of everything besides tools: questions to their users, models and roots, prompts,
 * resources, completion, subscriptions, logging. Each client over HTTP and over stdio against the same server; over 200
 * lines because both clients have to pass the same tests.
 */
import { StreamableHTTPClientTransport as HttpV1 } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { createEndpoint, type Endpoint, elicitUrl } from '../../src/index.js';
import { createEverything } from '../conformance/everything.js';
import { toolOf } from '../mcp/ask.js';
import { until } from '../support/until.js';
import { refusal, textOf } from './expectations.js';
import { type Face, type Form, fill, openV1, openV2 } from './faces.js';

const test = suite('interop/features');

let endpoint: Endpoint;
let paged: Endpoint;
let url: URL;
let pages: URL;
test.before(async () => {
  endpoint = createEverything({ stateless: false });
  url = new URL(await endpoint.listen(0));
  const page = toolOf('page', {
    handler: async (_args, { ask }) => {
      const { action } = await ask('page', elicitUrl('Sign in', 'https://example.com/sign-in', 'sign-in-1'));
      return { content: [{ type: 'text', text: `page: ${String(action)}` }] };
    },
  });
  paged = createEndpoint({
    name: 'paged',
    version: '1',
    tools: [page],
    sessions: { most: 10, idleMs: 60_000 },
  });
  pages = new URL(await paged.listen(0));
});
test.after(async () => {
  await Promise.all([endpoint.close(), paged.close()]);
});

const CLIENTS: { name: string; http: boolean; open: () => Promise<Face> }[] = [
  { name: 'version 2', http: true, open: () => openV2(url) },
  { name: 'version 2 over stdio', http: false, open: () => openV2(undefined) },
  { name: 'version 1', http: true, open: () => openV1(url) },
  { name: 'version 1 over stdio', http: false, open: () => openV1(undefined) },
];

for (const { name, open } of CLIENTS) {
  let opened: Promise<Face> | undefined;
  const check = (fact: string, run: (face: Face) => Promise<void>): void => {
    test(`${name}: ${fact}`, async () => {
      opened ??= open();
      const face = await opened;
      face.asked.length = 0;
      face.told.length = 0;
      face.answer = fill;
      await run(face);
    });
  };

  check('its model is asked, and the answer reaches the tool', async ({ call, asked }) => {
    assert.match(textOf(await call('test_sampling', { prompt: 'Capital?' })), 'LLM response: Paris');
    assert.equal(asked, ['sampling 100']);
  });
  check('its user is asked, and may decline or cancel', async (face) => {
    assert.match(textOf(await face.call('test_elicitation', { message: 'How?' })), '"response":"fine"');
    for (const action of ['decline', 'cancel'] as const) {
      face.answer = () => ({ action });
      assert.match(textOf(await face.call('test_elicitation', { message: 'How?' })), `action=${action}`);
    }
    assert.equal(face.asked, ['How?', 'How?', 'How?']);
  });
  check('it fills in the defaults of a form, and chooses from enums of every kind', async ({ call }) => {
    const defaults = textOf(await call('test_elicitation_sep1034_defaults'));
    assert.match(defaults, 'action=accept');
    assert.match(defaults, /"name":"John Doe","age":30,"score":95.5,"status":"active","verified":true/);
    const enums = textOf(await call('test_elicitation_sep1330_enums'));
    for (const part of ['option2', 'value1', 'opt3', '["option1","option3"]', '["value2"]'])
      assert.match(enums, part);
  });
  check('its roots are asked for', async ({ call, asked }) => {
    assert.match(textOf(await call('test_input_required_result_list_roots')), 'file:///home/ann');
    assert.equal(asked, ['roots']);
  });
  check('three questions come at once, each is answered once', async ({ call, asked }) => {
    const said = textOf(await call('test_input_required_result_multiple_inputs'));
    for (const part of ['Ann', 'Paris', 'file:///home/ann']) assert.match(said, part);
    assert.equal([...asked].sort(), ['What is your name?', 'roots', 'sampling 50']);
  });
  check('a second round knows the answer of the first', async ({ call, asked }) => {
    assert.match(textOf(await call('test_input_required_result_multi_round')), 'Ann who likes green');
    assert.equal(asked, ['Step 1: What is your name?', 'Step 2: What is your favorite color?']);
  });
  check('a prompt may ask too', async ({ prompt, asked }) => {
    assert.match(JSON.stringify((await prompt('test_input_required_result_prompt')).messages), 'spring');
    assert.is(asked.length, 1);
  });
  check('lists and gets prompts, and is refused without a required argument', async ({ lists, prompt }) => {
    const { prompts } = await lists();
    assert.equal(prompts.map((one) => one.name).slice(0, 2), [
      'test_simple_prompt',
      'test_prompt_with_arguments',
    ]);
    const { messages } = await prompt('test_prompt_with_arguments', { arg1: 'größer', arg2: '2' });
    assert.match(JSON.stringify(messages), "arg1='größer', arg2='2'");
    assert.match(JSON.stringify(await prompt('test_prompt_with_image')), 'image/png');
    assert.match(
      (await refusal(prompt('test_prompt_with_arguments', { arg1: 'x' }))).message,
      /arguments arg2/,
    );
    assert.match((await refusal(prompt('constructor'))).message, /no such prompt/);
  });
  check('lists and reads resources and templates', async ({ lists, read }) => {
    const { resources, templates } = await lists();
    assert.is(resources.length, 3);
    assert.equal(
      templates.map((one) => one.uriTemplate),
      ['test://template/{id}/data'],
    );
    assert.match(JSON.stringify(await read('test://static-text')), 'static text resource');
    assert.match(JSON.stringify(await read('test://static-binary')), '"blob"');
    assert.match(JSON.stringify(await read('test://template/gr%C3%B6%C3%9Fer/data')), 'Data for ID: größer');
    assert.match((await refusal(read('test://none'))).message, /no such resource/);
  });
  check('completes an argument', async ({ complete }) => {
    const ref = { type: 'ref/prompt', name: 'test_prompt_with_arguments' } as const;
    const { values } = await complete(ref, 'arg1', 'par');
    assert.equal(values, ['paris', 'park', 'party']);
    const template = { type: 'ref/resource', uri: 'test://template/{id}/data' } as const;
    assert.equal((await complete(template, 'constructor', 'x')).values, []);
  });
  check('receives progress, in order', async ({ call }) => {
    // The official client drops a notification that it reads in one piece with the answer behind it, which happens on a busy machine.
    let steps: number[] = [];
    for (let tries = 0; tries < 5 && steps.length < 3; tries += 1) {
      steps = [];
      await call('test_tool_with_progress', {}, { progress: (step) => steps.push(step) });
      assert.equal(steps, [0, 50, 100].slice(0, steps.length));
    }
    assert.equal(steps, [0, 50, 100]);
  });
  check('a client without the extension waits for work that could be a task', async ({ call }) => {
    assert.match(textOf(await call('slow_compute', { seconds: 0.01, label: 'x' })), 'computed x');
    assert.match(textOf(await call('confirm_delete')), 'deleted');
  });
  test(`${name}: leaves`, async () => (await opened)?.close());
}

for (const [name, target] of [
  ['version 2', () => url],
  ['version 2 over stdio', () => undefined],
] as const) {
  test(`${name}: logs are sent to a call that asks for them, and to no other`, async () => {
    const { call, told, close } = await openV2(target());
    await call('test_tool_with_logging');
    await call('test_tool_with_logging', {}, { level: 'warning' });
    assert.equal(told, []);
    await call('test_tool_with_logging', {}, { level: 'debug' });
    assert.equal(
      told.map(({ params }) => [params.level, params.data, params.logger]),
      [
        ['info', 'Tool execution started', 'everything'],
        ['info', 'Tool processing data', 'everything'],
        ['info', 'Tool execution completed', 'everything'],
      ],
    );
    await close();
  });
  test(`${name}: a listener learns what it asked for, until it leaves`, async () => {
    const { client, call, told, close } = await openV2(target());
    const listening = await client.listen({ toolsListChanged: true });
    assert.equal(listening.honoredFilter, { toolsListChanged: true });
    await call('test_trigger_prompt_change');
    await call('test_trigger_tool_change');
    await until(async () => told.length > 0);
    assert.equal(
      told.map(({ method }) => method),
      ['notifications/tools/list_changed'],
    );
    await listening.close();
    assert.is(await listening.closed, 'local');
    await call('test_trigger_tool_change');
    await call('test_simple_text');
    assert.is(told.length, 1);
    await close();
  });
}
test('version 2: a question that it did not declare is not asked, and the call says what it needs', async () => {
  const { call, asked, close } = await openV2(url, {});
  assert.match(
    (await refusal(call('test_input_required_result_elicitation'))).message,
    /capability elicitation/,
  );
  assert.match((await refusal(call('test_missing_capability'))).message, /capability sampling/);
  assert.match(textOf(await call('test_input_required_result_capabilities')), 'capabilities-ok');
  assert.equal(asked, []);
  await close();
});
test('version 2: a listener of a resource is notified when that resource is updated, and of no other', async () => {
  const { client, told, close } = await openV2(url);
  const uri = 'test://watched-resource';
  const listening = await client.listen({ resourceSubscriptions: [uri, 'test://none'] });
  assert.equal(listening.honoredFilter, { resourceSubscriptions: [uri] });
  endpoint.changed({ kind: 'resource', uri: 'test://static-text' });
  endpoint.changed({ kind: 'resource', uri });
  await until(async () => told.length > 0);
  assert.equal(
    told.map(({ method, params }) => [method, params.uri]),
    [['notifications/resources/updated', uri]],
  );
  await close();
});
test('version 2: a server that stops ends the listening gracefully', async () => {
  const short = createEverything({ stateless: true });
  const { client, close } = await openV2(new URL(await short.listen(0)));
  const listening = await client.listen({ toolsListChanged: true });
  const [reason] = await Promise.all([listening.closed, short.close()]);
  assert.is(reason, 'graceful');
  await close();
});

for (const [name, open] of [
  ['version 1', openV1],
  ['version 2', openV2],
] as const) {
  test(`${name}: a page is shown to its user`, async () => {
    const face = await open(pages);
    const seen: Form[] = [];
    face.answer = (form) => {
      seen.push(form);
      return { action: 'accept' };
    };
    assert.match(textOf(await face.call('page')), 'page: accept');
    assert.equal(
      seen.map(({ mode, url: shown }) => [mode, shown]),
      [['url', 'https://example.com/sign-in']],
    );
    await face.close();
  });
}

for (const [name, target] of [
  ['version 1', () => url],
  ['version 1 over stdio', () => undefined],
] as const) {
  test(`${name}: logs are sent from the level that it set`, async () => {
    const { client, call, told, close } = await openV1(target());
    await client.setLoggingLevel('warning');
    await call('test_tool_with_logging');
    assert.equal(told, []);
    await client.setLoggingLevel('debug');
    await call('test_tool_with_logging');
    await until(async () => told.length === 3);
    assert.match((await refusal(client.setLoggingLevel('loud' as 'debug'))).message, /level/i);
    await close();
  });
  test(`${name}: list changes come without asking`, async () => {
    const { call, told, close } = await openV1(target());
    // The GET stream is opened in the background.
    await until(async () => {
      await call('test_trigger_tool_change');
      return told.length > 0;
    });
    await call('test_trigger_prompt_change');
    await until(async () => told.some(({ method }) => method === 'notifications/prompts/list_changed'));
    await close();
  });
  test(`${name}: the output of one call never holds the questions of another`, async () => {
    const [one, other] = await Promise.all([openV1(target()), openV1(target())]);
    one.answer = () => ({ action: 'accept', content: { response: 'one' } });
    other.answer = () => ({ action: 'accept', content: { response: 'other' } });
    const calls = await Promise.all(
      Array.from({ length: 10 }, (_, index) =>
        (index % 2 === 0 ? one : other).call('test_elicitation', { message: `${index}` }),
      ),
    );
    for (const [index, result] of calls.entries())
      assert.match(textOf(result), `"response":"${index % 2 === 0 ? 'one' : 'other'}"`);
    assert.equal(one.asked.toSorted(), ['0', '2', '4', '6', '8']);
    await Promise.all([one.close(), other.close()]);
  });
}
test('version 1: it is notified of a resource while it subscribes to it, in its own session', async () => {
  const [watching, other] = await Promise.all([openV1(url), openV1(url)]);
  const uri = 'test://watched-resource';
  await watching.client.subscribeResource({ uri });
  await until(async () => {
    endpoint.changed({ kind: 'resource', uri });
    return watching.told.length > 0;
  });
  assert.is(watching.told[0]?.params.uri, uri);
  await watching.client.unsubscribeResource({ uri });
  const { length } = watching.told;
  endpoint.changed({ kind: 'resource', uri });
  endpoint.changed({ kind: 'tools' });
  await until(async () => watching.told.some(({ method }) => method === 'notifications/tools/list_changed'));
  assert.is(
    watching.told.filter(({ method }) => method === 'notifications/resources/updated').length,
    length,
  );
  assert.equal(
    other.told.filter(({ method }) => method === 'notifications/resources/updated'),
    [],
  );
  assert.match(
    (await refusal(watching.client.subscribeResource({ uri: 'test://none' }))).message,
    /no such resource/,
  );
  await Promise.all([watching.close(), other.close()]);
});
test('version 1: it resumes a call whose stream was closed, by itself', async () => {
  const { call, close } = await openV1(url);
  assert.match(textOf(await call('test_reconnection')), 'You came back for this.');
  await close();
});
test('version 1: a session that it ends is over', async () => {
  const { client, transport, call } = await openV1(url);
  assert.ok(transport instanceof HttpV1 && transport.sessionId !== undefined);
  const headers = { 'mcp-session-id': transport.sessionId, accept: 'text/event-stream' };
  await call('test_simple_text');
  await transport.terminateSession();
  assert.is((await fetch(url, { headers })).status, 404);
  await client.close();
});

test.run();
