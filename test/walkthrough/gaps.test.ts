/** The gaps of exercises: found, filled in, and graded one by one. */
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { checkSolution, fillGaps, gapsFor, gapsIn, gradeGaps } from '../../src/lesson/exercises.js';
import type { Mistake } from '../../src/lesson/player/play.js';
import { placesIn } from '../../src/lesson/transcripts/places.js';

const test = suite('walkthrough/gaps');

const EXERCISE = `# two requests
# clauses: none
* No TODO(in an explanation).
> POST /one HTTP/1.1
> X-Name: TODO(the name | the page of the chapter says it)
>
> {"id": TODO(an id)}
< HTTP/1.1 200 OK
< x-color: TODO(a color)
<
< {
<   "id": TODO(your id | it comes back),
<   "result": {"text": "TODO(a text), TODO"}
< }

> GET /two HTTP/1.1
< HTTP/1.1 200 OK
<
< TODO(the last)
= {"kind": "TODO(a kind)"}
`;
const gaps = gapsIn(EXERCISE);
const ANSWERS = ['grace', '7', 'red', '7', 'hello', 'bye', 'end', 'call'];
const SOLUTION = fillGaps(EXERCISE, ANSWERS);

const verdicts = (mistakes: Mistake[], solution = SOLUTION, played = true): string =>
  gradeGaps(gaps, solution, mistakes, played)
    .map(({ verdict }) => verdict)
    .join(' ');
const differs = (line: number, where: string): Mistake => ({ line, where, expected: '1', received: '2' });

test('gaps have a line, a task and perhaps a hint; explanations have none', () => {
  assert.equal(gaps.slice(0, 2), [
    { line: 5, index: 0, task: 'the name', hint: 'the page of the chapter says it' },
    { line: 7, index: 1, task: 'an id' },
  ]);
  assert.equal(
    gaps.map(({ line }) => line),
    [5, 7, 9, 12, 13, 13, 19, 20],
  );
  assert.is(gaps[5]?.task, 'something is missing here');
  assert.equal(
    gapsIn('# TODO(a)\n* TODO(b)\n= TODO()').map(({ line, task }) => [line, task]),
    [[3, 'something is missing here']],
  );
  assert.equal(gapsIn('> TODO(a | b | c)'), [{ line: 1, index: 0, task: 'a', hint: 'b | c' }]);
});

test('values go into the gaps in order, on their line; a gap without a value stays', () => {
  assert.match(SOLUTION, /\n> X-Name: grace\n>\n> \{"id": 7\}\n/);
  assert.match(SOLUTION, /"text": "hello, bye"/);
  assert.match(SOLUTION, /\* No TODO\(in an explanation\)\.\n/);
  assert.is(fillGaps('> TODO(a) TODO(b)\r\n> TODO(c)', [' ', ' 1\n 2 ']), '> TODO(a) 1 2\r\n> TODO(c)');
  assert.is(fillGaps('> TODO(a)', ['$& $1']), '> $& $1');
});

test('every line has its exchange, its block and its part', () => {
  const places = placesIn(SOLUTION);
  const at = (line: number) => {
    const { exchange, block, part } = places[line - 1] ?? { exchange: 0, block: 0, part: 0 };
    return [exchange, block, part];
  };
  assert.equal([5, 9, 12, 19, 20].map(at), [
    [4, 4, 5],
    [4, 8, 9],
    [4, 8, 11],
    [16, 17, 19],
    [16, 20, 20],
  ]);
  const stream = placesIn('# a\n> @s\n> GET / HTTP/1.1\n< @s\n< data: 1\n<\n< data: 2\n< id: 3');
  assert.equal(
    stream.slice(4).map(({ part }) => part),
    [5, 5, 7, 7],
  );
  const lines = placesIn('# a\n# transport: stdio\n> {}\n> {}\n< {}\n< {}\n> {}');
  assert.equal(
    lines.slice(2).map(({ exchange, block }) => [exchange, block]),
    [
      [3, 3],
      [3, 4],
      [3, 5],
      [3, 6],
      [7, 7],
    ],
  );
});

test('without mistakes, every answer is right', () => {
  assert.is(verdicts([]), Array(8).fill('right').join(' '));
});

test('a difference in a line with a gap is the fault of that gap', () => {
  const rest = 'unchecked unchecked';
  assert.is(verdicts([differs(9, 'header x-color')]), `right right wrong right right right ${rest}`);
  assert.is(verdicts([differs(11, 'body at /id')]), `right right right wrong right right ${rest}`);
  assert.is(verdicts([differs(11, 'body at /result/text')]), `right right right right wrong wrong ${rest}`);
  assert.is(verdicts([differs(19, 'body')]), 'right right right right right right wrong unchecked');
  assert.is(verdicts([differs(20, 'record 1 at /kind')]), 'right right right right right right right wrong');
});

test('any other difference is the fault of what was sent last', () => {
  const back = 'unchecked unchecked unchecked unchecked unchecked unchecked';
  assert.is(verdicts([differs(8, 'status'), differs(11, 'body at /id')]), `wrong wrong ${back}`);
  assert.is(
    verdicts([differs(8, 'body')]),
    `right wrong ${back}`,
    'a head with the right status was accepted',
  );
  assert.is(verdicts([differs(17, 'status')]), 'wrong wrong right right right right unchecked unchecked');
  assert.is(verdicts([{ line: 5, problem: 'there is no {{x}}' }]), `wrong right ${back}`);
});

test('a record that nothing expects, and a line that cannot be read, leave the rest unchecked', () => {
  assert.is(verdicts([differs(0, 'a further record')]), Array(8).fill('unchecked').join(' '));
  const unread = verdicts([{ line: 11, problem: 'does not parse' }], SOLUTION, false);
  assert.is(unread, 'unchecked unchecked unchecked wrong wrong wrong unchecked unchecked');
});

test('what is filled in is played, up to the first exchange with an open gap', async () => {
  const played: string[] = [];
  const playIt = async (_: unknown, text: string): Promise<Mistake[]> => {
    played.push(text);
    return [];
  };
  const half = fillGaps(EXERCISE, ANSWERS.slice(0, 6));
  const { solved, grades } = await checkSolution(gaps, half, playIt);
  assert.is(solved, false);
  assert.equal(
    grades.map(({ verdict }) => verdict),
    ['right', 'right', 'right', 'right', 'right', 'right', 'open', 'open'],
  );
  assert.match(played[0] ?? '', /\n< \}\n$/);
  const none = await checkSolution(gaps, fillGaps(EXERCISE, ['grace']), playIt);
  assert.is(played.length, 1, 'nothing is sent while the first exchange has a gap');
  assert.is(
    none.grades
      .map(({ verdict }) => verdict)
      .join(' ')
      .replaceAll(/ open/g, ''),
    'unchecked',
  );
  const all = await checkSolution(gaps, SOLUTION, playIt);
  assert.is(all.solved, true);
  const broken = await checkSolution(gaps, SOLUTION.replace('> GET', 'GET'), playIt);
  assert.equal([broken.solved, played.length], [false, 2]);
  assert.match(JSON.stringify(broken.mistakes), /"line":16,/);
});

test('a solution has the gaps of its exercise, unless its other lines have changed', () => {
  assert.equal(gapsFor(EXERCISE, SOLUTION), gaps);
  assert.equal(gapsFor(EXERCISE, SOLUTION.replaceAll('\n', '\r\n')), gaps);
  assert.is(gapsFor(EXERCISE, SOLUTION.replace('/two', '/three')), undefined);
  assert.is(gapsFor(EXERCISE, SOLUTION.replace('\n> X', '\n> Y: 1\n> X')), undefined);
});

test.run();
