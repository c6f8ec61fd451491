/** The mistakes to try: each changes a request in its one way, and is offered only where there is something to change. */
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { readStory, requestText, withRequest } from '../../src/lesson/learn/turns.js';
import { GUESSES, WHAT_IFS, whatIfsFor } from '../../src/lesson/learn/what-if.js';
import { readTranscript } from '../../src/lesson/transcripts/transcript.js';
import { course, sourceOf } from './lesson.js';

const test = suite('learn/what-if');
const HEAD = `POST /mcp HTTP/1.1
Content-Type: application/json
Accept: application/json, text/event-stream
MCP-Protocol-Version: 2026-07-28
Mcp-Method: tools/call
Mcp-Name: postgres.readonly`;
const BODY = `{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"postgres.readonly","_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28"}}}`;
const CALL = `${HEAD}\n\n${BODY}`;
const changed = (id: string, request = CALL): string | undefined =>
  WHAT_IFS.find((one) => one.id === id)?.change(request);

/** What becomes of the call: a text of it, and what stands there instead. */
const CHANGES: { [id: string]: [from: string, to: string] } = {
  'no-version': ['MCP-Protocol-Version: 2026-07-28\n', ''],
  'other-version': ['MCP-Protocol-Version: 2026-07-28', 'MCP-Protocol-Version: 2025-11-25'],
  'no-method': ['Mcp-Method: tools/call\n', ''],
  'other-name': ['Mcp-Name: postgres.readonly', 'Mcp-Name: something.else'],
  'text-id': ['"id":1', '"id":"1"'],
  'null-id': ['"id":1', '"id":null'],
  'no-id': ['"id":1,', ''],
  html: ['application/json, text/event-stream', 'text/html'],
  text: ['Content-Type: application/json', 'Content-Type: text/plain'],
  'no-token': [' HTTP/1.1\n', ' HTTP/1.1\nAuthorization: {{absent}}\n'],
  'other-audience': [' HTTP/1.1\n', ' HTTP/1.1\nAuthorization: Bearer {{elsewhere}}\n'],
  'other-method': ['"method":"tools/call"', '"method":"tools/calls"'],
  broken: ['}}}', '}}'],
};

for (const [id, [from, to]] of Object.entries(CHANGES))
  test(`${id} changes that and nothing else`, () => {
    assert.is(changed(id), CALL.replace(from, to));
  });

test('an unknown revision stands in the header and in the body; GET has no body', () => {
  assert.is(changed('old-version'), CALL.replaceAll('2026-07-28', '1999-01-01'));
  assert.is(changed('get'), HEAD.replace('POST', 'GET'));
});

test('all mistakes are tested here, each has its own id, and all of them change a call', () => {
  const ids = WHAT_IFS.map(({ id }) => id);
  assert.equal(ids.toSorted(), [...Object.keys(CHANGES), 'old-version', 'get'].toSorted());
  assert.is(new Set(ids).size, ids.length);
  assert.equal(whatIfsFor(CALL), [...WHAT_IFS]);
});

test('mistakes that do not apply are not offered', () => {
  const ids = (request: string): string[] => whatIfsFor(request).map(({ id }) => id);
  assert.equal(ids('GET /.well-known/oauth-protected-resource/mcp HTTP/1.1'), []);
  const bare = ids('POST /mcp HTTP/1.1\n\n{"jsonrpc":"2.0","method":"notifications/initialized"}');
  assert.equal(bare, ['no-token', 'other-audience', 'get', 'other-method', 'broken']);
  const own = ids(`${HEAD}\nAuthorization: Bearer {{token}}\n\n${BODY}`);
  assert.not.ok(own.includes('no-token') || own.includes('other-audience'), 'the request has its own token');
  const legacy = `${HEAD}\n\n{"jsonrpc":"2.0","id":1,"method":"ping"}`;
  assert.not.ok(ids(legacy).includes('other-version'), 'its body names no revision');
});

test('every offered mistake gives a text that can be read as a transcript again', () => {
  for (const file of course.chapters().flatMap((chapter) => chapter.files)) {
    const source = sourceOf(file);
    const { transcript, turns } = readStory(source);
    const [first] = turns;
    if (transcript.transport === 'stdio' || first?.send === undefined) continue;
    for (const { id, change } of whatIfsFor(requestText(first))) {
      const text = withRequest(source, first, change(requestText(first)) ?? '');
      assert.is.not(text, source, `${file}: ${id}`);
      assert.is(readTranscript(text).kind, 'transcript', `${file}: ${id}`);
    }
  }
});

test('the guesses are statuses in their order', () => {
  const statuses = GUESSES.map(([status]) => status);
  assert.equal(statuses, statuses.toSorted());
});

test.run();
