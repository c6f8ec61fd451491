/** `call` and `list` against a server with everything, in both eras: tools, tasks, progress, questions, resources, prompts. */
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { Endpoint } from '../../src/index.js';
import { createEverything } from '../conformance/everything.js';
import { barewire } from './caller.js';

const test = suite('call/everything');
let endpoint: Endpoint;
let url = '';
test.before(async () => {
  endpoint = createEverything({ stateless: false });
  url = await endpoint.listen(0);
});
test.after(() => endpoint.close());

test('list shows everything, or only what was requested', async () => {
  const all = await barewire(`list ${url}`);
  assert.is(all.code, 0, all.err);
  assert.match(all.out, /^everything 1\.0\.0\nhttp:\/\/localhost:\d+\/mcp · MCP 2026-07-28 \(modern\)\n/);
  assert.match(all.out, /\nTools \(\d+\)\n\n {2}test_simple_text\n/);
  assert.match(all.out, /\n {2}slow_compute.*\n.*\n? {4}seconds {2}number\n {4}label {4}text\n/);
  assert.match(all.out, /\nResources \(3\)\n[\s\S]*\nResource templates \(1\)\n[\s\S]*\nPrompts \(5\)\n/);
  const prompts = await barewire(`list ${url} --prompts`);
  assert.match(prompts.out, /\nPrompts \(5\)\n/);
  assert.not.match(prompts.out, /Tools/);
});

test('list --json is one line for a program', async () => {
  const { out } = await barewire(`list ${url} --templates`, { json: true });
  const { revision, templates, tools } = JSON.parse(out);
  assert.equal([revision, templates.length, tools], ['2026-07-28', 1, undefined]);
});

test('call without a tool says what to type', async () => {
  const { out } = await barewire(`call ${url}`);
  assert.ok(out.includes(`\n  barewire call ${url} test_simple_text\n`), out);
});

test('a result goes to stdout, as text or as JSON, in either era', async () => {
  for (const era of ['modern', 'legacy'] as const) {
    const { code, out, err } = await barewire(`call ${url} greet name=Ada`, { era });
    assert.equal([code, out, err], [0, 'Hello, Ada!', '']);
  }
  const { out } = await barewire(`call ${url} greet {"name":"Ada"}`, { json: true });
  assert.equal(JSON.parse(out).content, [{ type: 'text', text: 'Hello, Ada!' }]);
  const piped = await barewire(`call ${url} greet -`, {}, { stdin: '{"name":"Bob"}' });
  assert.is(piped.out, 'Hello, Bob!');
});

test('content that is not text is named', async () => {
  const { out } = await barewire(`call ${url} test_multiple_content_types`);
  assert.match(out, /\n\(image, image\/png, \d+ bytes; --json has it as base64\)\nresource test:/);
});

test('a tool that fails: exit code 1, its words on stderr, with --json also on stdout', async () => {
  const failed = await barewire(`call ${url} test_error_handling`);
  assert.equal([failed.code, failed.out], [1, '']);
  assert.match(failed.err, /^test_error_handling reports an error:\nThis tool intentionally/);
  const json = await barewire(`call ${url} test_error_handling`, { json: true });
  assert.equal([json.code, JSON.parse(json.out).isError], [1, true]);
});

test('a name or an argument that does not fit is named before anything is sent', async () => {
  const unknown = await barewire(`call ${url} slow_compte`);
  assert.equal([unknown.code, unknown.out], [2, '']);
  assert.match(unknown.err, /^the server has no tool "slow_compte"; did you mean slow_compute\?\n/);
  const { code, err } = await barewire(`call ${url} test_elicitation mesage=x`);
  assert.is(code, 2);
  assert.match(
    err,
    /^test_elicitation: \/message: expected a value, received nothing; there is no argument "mesage"; did you mean message\?\n/,
  );
  assert.match(
    err,
    /\n {4}message {2}text, required\n {2}for example: barewire call http:\S+ test_elicitation message='…'\n/,
  );
  const wrong = await barewire(`call ${url} slow_compute seconds=soon`);
  assert.match(wrong.err, /^slow_compute: \/seconds: expected number, received string "soon"\n/);
});

test('without the check, the server answers', async () => {
  const { code, err } = await barewire(`call ${url} no_such_tool`, { validate: false });
  assert.equal([code, err.split('\n')[0]], [3, 'Invalid params: no such tool: no_such_tool']);
});

test('a task is followed to its end', async () => {
  const done = await barewire(`call ${url} slow_compute seconds=0.01 label=x`);
  assert.equal([done.code, done.out], [0, 'computed x']);
  const broken = await barewire(`call ${url} protocol_error_job`);
  assert.is(broken.code, 3);
  assert.match(broken.err, /^Internal error: the task failed.*\n {2}code -32603\n/);
});

test('a form is filled in field by field, and shown before it is sent', async () => {
  for (const era of ['modern', 'legacy'] as const) {
    const { code, out, err } = await barewire(
      `call ${url} test_elicitation_sep1034_defaults`,
      { era },
      { types: ['y', 'Ada', 'old', '36', '', '3', 'perhaps', 'n', 'y'] },
    );
    assert.is(code, 0, err);
    assert.is(
      out,
      'Elicitation completed: action=accept, content={"name":"Ada","age":36,"score":95.5,"status":"pending","verified":false}',
    );
    assert.match(err, /^\nhttp:\/\/localhost:\d+ asks you:\n {2}Please review and update/);
    assert.match(err, / {2}age \(integer\) \[30\]: {3}expected integer, received string "old"\n/);
    assert.match(
      err,
      / {2}1\) active\n {2}2\) inactive\n {2}3\) pending\n {2}status \(one of them\) \[active\]: /,
    );
    assert.match(err, / {2}verified \(yes or no\) \[yes\]: {3}expected yes or no, received "perhaps"\n/);
    assert.match(err, / {2}Your answer: \{"name":"Ada","age":36,/);
  }
});

test('choices are made by number, by value or by title, several with commas', async () => {
  const { out, err } = await barewire(
    `call ${url} test_elicitation_sep1330_enums`,
    {},
    { types: ['y', 'option2', 'third option', '1', '1,option3', 'first choice, 9', '1,2', 'y'] },
  );
  const content = JSON.parse(out.slice(out.indexOf('{')));
  assert.equal(content, {
    untitledSingle: 'option2',
    titledSingle: 'value3',
    legacyEnum: 'opt1',
    untitledMulti: ['option1', 'option3'],
    titledMulti: ['value1', 'value2'],
  });
  assert.match(err, /expected some of them, with commas, at least 1, at most 3, received "first choice, 9"/);
  assert.match(err, / {2}1\) Option One {2}opt1\n/);
});

test('the answer can be edited, declined and cancelled, and an empty line is no consent', async () => {
  const ask = (types: (string | null)[]) =>
    barewire(`call ${url} test_elicitation message=who?`, {}, { types });
  const edited = await ask(['', 'y', 'Ada', 'e', 'Bob', 'y']);
  assert.is(edited.out, 'User response: action=accept, content={"response":"Bob"}');
  assert.match(edited.err, /expected y, d, c, received an empty line/);
  assert.is((await ask(['d'])).out, 'User response: action=decline, content={}');
  assert.is((await ask(['c'])).out, 'User response: action=cancel, content={}');
  assert.is((await ask(['y', 'Ada', 'd'])).out, 'User response: action=decline, content={}');
  assert.is((await ask(['y', null])).out, 'User response: action=cancel, content={}');
  assert.is(
    (await ask(['y', '', 'Ada', 'y'])).out,
    'User response: action=accept, content={"response":"Ada"}',
  );
});

test('without a terminal a question is declined, and the person reads why', async () => {
  const { code, out, err } = await barewire(`call ${url} test_elicitation message=who?`);
  assert.equal([code, out], [0, 'User response: action=decline, content={}']);
  assert.match(err, /asks you:\n {2}who\?\nDeclined: there is no terminal to ask you in\.\n$/);
});

test('several rounds, several questions at once, and a question of a task', async () => {
  const rounds = await barewire(
    `call ${url} test_input_required_result_multi_round`,
    {},
    { types: ['y', 'Ada', 'y', 'y', 'red', 'y'] },
  );
  assert.is(rounds.out, 'Multi-round complete for Ada who likes red');
  const both = await barewire(`call ${url} multi_input`, {}, { types: ['y', '', 'y', 'd'] });
  assert.is(both.out, 'accept and decline', both.err);
});

test('folders are offered only if some are given, and sampling is never offered', async () => {
  const given = await barewire(`call ${url} test_input_required_result_list_roots`, {
    roots: ['/tmp/a folder'],
  });
  assert.is(given.out, 'Roots: [{"uri":"file:///tmp/a%20folder","name":"a folder"}]');
  const none = await barewire(`call ${url} test_input_required_result_list_roots`);
  assert.is(none.code, 3);
  assert.match(none.err, /\n {2}--root DIR offers a folder\.\n$/);
  const model = await barewire(`call ${url} test_sampling prompt=x`);
  assert.match(model.err, /\n {2}This client has no model to ask\.\n$/);
});

test('resources and prompts', async () => {
  const read = await barewire(['call', url, '--read', 'test://static-text']);
  assert.is(read.out, 'This is the content of the static text resource.');
  const blob = await barewire(['call', url, '--read', 'test://static-binary']);
  assert.match(blob.out, /^\(data, image\/png, \d+ bytes/);
  const prompt = await barewire(['call', url, '--prompt', 'test_prompt_with_arguments', 'arg1=1', 'arg2=b']);
  assert.is(prompt.out, "user:\nPrompt with arguments: arg1='1', arg2='b'");
  const unknown = await barewire(['call', url, '--prompt', 'test_simple_promt']);
  assert.match(
    unknown.err,
    /^the server has no prompt "test_simple_promt"; did you mean test_simple_prompt\?/,
  );
});

test('log messages are sent if they are requested', async () => {
  for (const era of ['modern', 'legacy'] as const) {
    const { err } = await barewire(`call ${url} test_tool_with_logging`, { logLevel: 'debug', era });
    assert.match(err, /^\[info everything\] Tool execution started\n/);
  }
});

test('an interrupted call is cancelled', async () => {
  const interrupt = new AbortController();
  const calling = barewire(
    `call ${url} test_elicitation message=who?`,
    {},
    {
      types: [],
      sees: (text) => void (/Answer\?/.test(text) && interrupt.abort()),
      signal: interrupt.signal,
    },
  );
  const { code, out, err } = await calling;
  assert.equal([code, out], [130, '']);
  assert.match(err, /\ncancelled\n$/);
});

test.run();
