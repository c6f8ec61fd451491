/** What a transcript expects, as a reader sees it before anything was sent: no wildcard of the format is left in it. */
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { expectedExchange, withoutWildcards } from '../../src/lesson/learn/expected-view.js';
import { answerLines, requestLines } from '../../src/lesson/trace/lines.js';
import { everyPage, PING, turnOf } from './lesson.js';

const test = suite('learn/expected-view');
const shown = (text: string): string =>
  withoutWildcards([[{ text }]])
    .map((line) => line.map((part) => part.text).join(''))
    .join('\n');

for (const [text, expected] of [
  ['"{{any}}"', '…'],
  ['Date: {{any}}', 'Date: …'],
  ['"id": "{{approval}}",', '"id": ‹approval›,'],
  ['http://{{readonly}}/mcp', 'http://‹readonly›/mcp'],
  ['{{json-or-sse}}', 'application/json or text/event-stream'],
  ['  "{{rest}}": "{{any}}"', '  … more'],
  ['"{{repeat a 9000}}"', '‹a, 9000 times›'],
  ['[{{repeat {"id":1}, 50}}{"id":1}]', '[‹{"id":1},, 50 times›{"id":1}]'],
  ['{{repeat [ 80}}{{repeat ] 80}}', '‹[, 80 times›‹], 80 times›'],
  ['{{hex c3 28}}', '‹hex c3 28›'],
  ['"http://{{readonly}}"', '"http://‹readonly›"'],
  ['no wildcard, {{not closed', 'no wildcard, {{not closed'],
] as const)
  test(`${text} becomes ${expected}`, () => assert.is(shown(text), expected));

test('a wildcard has a note that says what may stand there, and the text around it keeps its own', () => {
  const note = { what: 'the id' };
  const [line = []] = withoutWildcards([[{ text: '"id": "{{approval}}"', note }]]);
  assert.equal(line[0], { text: '"id": ', note });
  assert.match(line[1]?.note?.what ?? '', /wherever ‹approval› stands, it is the same/);
});

test('headers that the player adds are shown as filled in, and only those that the transcript does not write', () => {
  const lines = (authorized: boolean): string[] =>
    withoutWildcards(requestLines(expectedExchange(turnOf(PING), authorized))).map((line) =>
      line.map(({ text }) => text).join(''),
    );
  assert.equal(lines(true).slice(0, 4), [
    'POST /mcp HTTP/1.1',
    'Host: …',
    'Authorization: Bearer …',
    'Content-Type: application/json',
  ]);
  assert.not.ok(lines(false).some((line) => line.startsWith('Authorization')));
});

test('status, headers and body of the answer are there, and a stream shows its events', () => {
  const text = (file: string): string =>
    answerLines(expectedExchange(turnOf(file), true))
      .map((line) => line.map((part) => part.text).join(''))
      .join('\n');
  assert.match(
    text(PING),
    /^HTTP\/1\.1 200 OK\ncontent-type: application\/json\n\n\{\n {2}"jsonrpc": "2\.0"/,
  );
  assert.match(text('06-streams/streams-progress.wire'), /\n\ndata: \{\n[\s\S]*"progressToken": "p-1"/);
});

test('no page of the lesson shows a wildcard as the format writes it, but in prose about it and in what a reader edits', () => {
  for (const [path, page] of everyPage()) {
    const read = page
      .replace(/<(textarea|p)\b.*?<\/\1>/gs, '')
      .replace(/<form class="exercise".*?<\/form>/gs, '');
    const at = read.indexOf('{{');
    assert.is(at, -1, `${path}: ${read.slice(at - 80, at + 80)}`);
  }
});

test.run();
