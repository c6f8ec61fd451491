/** The diagrams of the chapters: what each statement becomes, and what is no statement. */
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { readSequence } from '../../src/lesson/learn/mermaid.js';
import { sequenceView } from '../../src/lesson/pages/sequence.js';
import { course } from './lesson.js';

const test = suite('learn/mermaid');
const ARROW = { kind: 'arrow', from: 'C', to: 'S', text: 'ping', answer: false };

test('participants, requests, answers and notes are read in their order', () => {
  const { lanes, rows } = readSequence(`sequenceDiagram
    participant C as Client
    participant S
    %% a comment

    C->>S: ping
    S-->>C: result: {}
    Note over C, S: both know
    Note over S: thinks`);
  assert.equal(lanes, [
    { id: 'C', name: 'Client' },
    { id: 'S', name: 'S' },
  ]);
  assert.equal(rows, [
    ARROW,
    { kind: 'arrow', from: 'S', to: 'C', text: 'result: {}', answer: true },
    { kind: 'note', over: ['C', 'S'], text: 'both know' },
    { kind: 'note', over: ['S'], text: 'thinks' },
  ]);
});

test('a participant that was not announced is added where it first speaks, and CR LF ends a line too', () => {
  assert.equal(readSequence('sequenceDiagram\r\nC->>S: ping\r\n'), {
    lanes: [
      { id: 'C', name: 'C' },
      { id: 'S', name: 'S' },
    ],
    rows: [ARROW],
  });
});

for (const line of ['C->S: ping', 'C->>S', 'loop every minute', 'Note left of C: no', 'participant a b'])
  test(`"${line}" is no statement, and the error says so`, () => {
    assert.throws(
      () => readSequence(`sequenceDiagram\n  ${line}`),
      ({ message }: Error) => message === `a diagram has no statement such as "${line}"`,
    );
  });

test('the picture and the list have every row, and no text of a chapter is cut short', () => {
  for (const { name, page } of course.chapters()) {
    for (const [, text = ''] of page.matchAll(/```mermaid\n([\s\S]*?)```/g)) {
      const sequence = readSequence(text);
      const { text: view } = sequenceView(sequence, 'who sends what');
      assert.is(view.match(/<li /g)?.length, sequence.rows.length, name);
      assert.not.match(view, /…|\.\.\.<\/text>/, `${name}: every text fits`);
    }
  }
});

test('the text of a diagram is escaped', () => {
  const { text } = sequenceView(readSequence('A->>B: <b> & "c"'), 'a "title"');
  assert.match(text, '&lt;b&gt; &amp; &quot;c&quot;');
  assert.match(text, 'aria-label="a &quot;title&quot;"');
});

test.run();
