/** What the terminal shows: the wire, its notes, the decision and the timing. */
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { exchangeText } from '../../src/lesson/trace/terminal.js';
import { call, closeGuarded } from '../endpoint/guarded.js';
import { legacy, MODERN, modernCall } from '../http/wire.js';
import { toolOf } from '../mcp/ask.js';
import { until } from '../support/until.js';
import { watched } from './watched.js';

const test = suite('trace/terminal');
test.after(closeGuarded);

test('an exchange is printed with a note and a clause beside each header and known member', async () => {
  const door = await watched();
  const { headers, body } = modernCall('t');
  await door.post(door.token(), body, headers);
  await door.over(1);
  const text = door.written();
  assert.match(text, /^-- #1 {2}\d\d:\d\d:\d\d\.\d{3} {2}readonly {2}from \S+:\d+ -+$/m);
  assert.match(text, /^> POST \/mcp HTTP\/1\.1 .*one POST/m);
  assert.match(text, /^> mcp-method: tools\/call .*repeats the method/m);
  assert.match(text, /2026-07-28\/streamable-http\/037/);
  assert.match(text, /^> authorization: Bearer eyJhbGciOi… \(\d+ characters\)/m);
  assert.match(text, /^> {3}its claims say .*"sub": "ada"/m);
  assert.match(text, /^> {7}"io\.modelcontextprotocol\/protocolVersion": "2026-07-28",/m);
  assert.match(text, /2026-07-28\/basic\/056/);
  assert.match(text, /^< HTTP\/1\.1 200 OK /m);
  assert.match(text, /^< {5}"resultType": "complete",/m);
  assert.match(text, /^= tools\/call t: allowed \(policy 1\)$/m);
  assert.match(text, /^= it needs bench:read$/m);
  assert.match(text, /^= user ada, client bench, tenant /m);
  assert.match(
    text,
    /^= took [\d.]+ ms: .*authenticated \+.*body read \+|^= took .*body read \+.*authenticated \+/m,
  );
  for (const stage of ['decided', 'handled', 'answered']) assert.match(text, `${stage} +`);
  assert.equal(door.errors, []);
});

test('a refusal shows its reason, and the one that only the log has', async () => {
  const door = await watched();
  await door.post(door.token({ aud: 'http://localhost:9/mcp' }), legacy('ping'));
  const { answer, verdicts } = await door.over(1);
  assert.is(answer?.status, 401);
  assert.is(verdicts[0]?.fault, 'unauthorized');
  assert.match(
    door.written(),
    /^= refused, Unauthorized: .*\(expected "aud" .*received "http:\/\/localhost:9\/mcp"\)$/m,
  );
  await door.post(door.token({ scope: 'other' }), call('t'));
  await door.over(2);
  assert.match(door.written(), /^= tools\/call t: refused, missing scope: bench:read \(policy 1\)$/m);
});

test('frames of a stream are printed as they are sent, each with the number of its exchange', async () => {
  let letGo = (): void => {};
  const gone = new Promise<void>((resolve) => {
    letGo = resolve;
  });
  const slow = toolOf('slow', {
    handler: async (_args, context) => {
      context.progress(1, 2);
      await gone;
      return { content: [{ type: 'text', text: 'done' }] };
    },
  });
  const door = await watched({ tools: [slow] });
  const params = { name: 'slow', arguments: {}, _meta: { ...MODERN, progressToken: 'p' } };
  const { headers } = modernCall('slow');
  const accept = 'text/event-stream';
  const answered = door.post(door.token(), legacy('tools/call', params), { ...headers, accept });
  await until(() => door.written().includes('#1 continues after'));
  assert.match(
    door.written(),
    /^-- #1 continues after [\d.]+ ms\n< data: \{ .*one event carries one message/m,
  );
  assert.is(door.store.get(1)?.state, 'open');
  assert.not.match(door.written(), '#1 ends');
  letGo();
  await answered;
  await door.over(1);
  assert.match(door.written(), /^-- #1 ends\n= tools\/call slow: allowed/m);
  assert.match(door.store.get(1)?.answer?.body.text ?? '', '"progress":1');
});

test('in a narrow terminal, a note is below its line', async () => {
  const door = await watched({}, 80);
  await door.post(door.token(), legacy('ping'));
  await door.over(1);
  assert.match(door.written(), /^> POST \/mcp HTTP\/1\.1\n {6}one message to the server/m);
  for (const line of door.written().split('\n'))
    if (line.startsWith('      ')) assert.ok(line.length <= 80, line);
});

test('characters that would move the cursor or reverse the line are printed as numbers', async () => {
  const door = await watched();
  await door.post(door.token(), legacy('tools/call', { name: 'a\u202eb\u009b31m' }));
  await door.over(1);
  assert.match(door.written(), 'a[U+202E]b[U+009B]31m');
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  assert.not.match(door.written(), /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202e]/);
});

test('colors appear only on request', async () => {
  const door = await watched();
  await door.post(door.token(), legacy('ping'));
  const traced = await door.over(1);
  assert.match(exchangeText(traced, { columns: 120, color: true }), '\u001b[2m');
  assert.not.match(exchangeText(traced, { columns: 120, color: false }), '\u001b');
});

test('a message with too many lines is cut, and the rest counted', async () => {
  const door = await watched();
  const tools = Array.from({ length: 300 }, (_, at) => ({ name: `n${at}`, text: 'x'.repeat(80) }));
  await door.post(door.token(), legacy('tools/call', { name: 't', arguments: { tools } }));
  await door.over(1);
  assert.match(door.written(), /^\* \d{3,4} more lines$/m);
});

test.run();
