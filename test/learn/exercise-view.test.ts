/** The exercise as a form: a field for each gap, its hint out of sight, and what happened to each. */
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { gapsIn } from '../../src/lesson/exercises.js';
import { exerciseView } from '../../src/lesson/learn/exercise-view.js';
import { course, sourceOf } from './lesson.js';

const test = suite('learn/exercise-view');
const SOURCE = `# a title that is not shown
# clauses: none
* Write the id.
> POST /mcp HTTP/1.1
>
> {"id":TODO(an id | any number will do),"method":TODO(the "method")}
< HTTP/1.1 TODO
`;
const view = (values?: string[], checked?: Parameters<typeof exerciseView>[4], isLive = true): string =>
  exerciseView('01-a/exercise.wire', SOURCE, isLive, values, checked).text;

test('each gap is a field with its task as its label, and the hint is folded away', () => {
  const text = view();
  assert.equal(
    [...text.matchAll(/<input class="gap" [^>]*aria-label="([^"]*)"/g)].map(([, label]) => label),
    ['an id', 'the &quot;method&quot;', 'something is missing here'],
  );
  assert.match(text, '<details><summary>Hint</summary>any number will do</details>');
  assert.not.match(text, /TODO|a title that is not shown/);
  assert.match(text, 'data-solved="no"');
  assert.match(text, '<p class="actions" hidden><button class="btn go" data-check>Check</button></p>');
});

test('the answers of the reader stay, escaped', () => {
  assert.match(view(['"><script>']), 'value="&quot;&gt;&lt;script&gt;"');
});

test('each gap says what happened to it, and differences say what was expected and what came', () => {
  const [one, two, three] = gapsIn(SOURCE);
  assert.ok(one && two && three);
  const text = view(['1', 'x', ''], {
    solved: false,
    grades: [
      { gap: one, verdict: 'right' },
      { gap: two, verdict: 'wrong' },
      { gap: three, verdict: 'open' },
    ],
    mistakes: [
      { line: 7, where: 'status', expected: 'HTTP/1.1 200', received: 'HTTP/1.1 <404>' },
      { line: 7, problem: 'it ended' },
    ],
  });
  assert.match(text, '<li class="right">an id <b>✓ right</b>');
  assert.match(text, '<li class="wrong">the &quot;method&quot; <b>✗ not yet</b>');
  assert.match(text, '<b>– still open</b>');
  assert.match(text, '<b>status</b> <del>HTTP/1.1 200</del> <ins>HTTP/1.1 &lt;404&gt;</ins>');
  assert.match(text, '<li>it ended</li>');
});

test('a solved exercise says so; without a running server there is nothing to press', () => {
  const text = view([], { solved: true, grades: [], mistakes: [] });
  assert.match(text, 'data-solved="yes"');
  assert.match(text, /<p class="verdict good" role="status">Solved\./);
  const still = view([], undefined, false);
  assert.not.match(still, '<button');
  assert.match(still, 'npm start');
});

test('every exercise of the lesson has a field for each of its gaps', () => {
  for (const { name, exercise } of course.chapters()) {
    assert.ok(exercise, name);
    const source = sourceOf(exercise);
    const { text } = exerciseView(exercise, source, true);
    assert.is(text.match(/<input class="gap"/g)?.length, gapsIn(source).length, name);
    assert.not.match(text.replace(/<span class="line aside">.*/g, ''), /\bTODO\b/, name);
  }
});

test.run();
