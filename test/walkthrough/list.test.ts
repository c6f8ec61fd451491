/** The list of chapters, and the place where the lesson goes on. */
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { Chapter } from '../../src/lesson/chapters.js';
import { plain } from '../../src/lesson/look.js';
import { listLines, placeOf } from '../../src/walkthrough/list.js';

const test = suite('walkthrough/list');

function chapter(number: number, title: string, core: string[], edge: string[], group: string): Chapter {
  const name = `0${number}-${title.toLowerCase()}`;
  const path = (file: string) => `${name}/${file}.wire`;
  return {
    ...{ name, number, title: `${number}. ${title}`, summary: '', group, page: '', core: core.map(path) },
    ...{ files: [...core, ...edge].map(path), exercise: `${name}/exercise.wire` },
  };
}
const CHAPTERS = [
  chapter(1, 'One', ['a', 'b'], ['e'], 'First'),
  chapter(2, 'Three', ['c'], [], 'First'),
  chapter(3, 'Bare', [], [], 'Then'),
];
const look = { width: 80, paint: plain };

test('chapters are in their groups, with what was seen and what is solved', () => {
  const progress = { seen: ['01-one/a.wire', '01-one/e.wire', 'gone.wire'], solved: ['02-three', 'gone'] };
  assert.is(
    listLines(CHAPTERS, progress, look).join('\n'),
    `The lesson: 3 chapters, 1 of 3 exercises solved

First
   1  One    1 of 2 seen
✓  2  Three  1 transcript

Then
   3  Bare   a page`,
  );
});

test('the lesson goes on after what was played last, and comes back to what was left out', () => {
  const next = (...seen: string[]) => {
    const place = placeOf(CHAPTERS, { seen: seen.map((name) => `${name}.wire`), solved: [] });
    return place === undefined ? undefined : `${place.chapter.number} ${place.at}`;
  };
  assert.is(next(), '1 0');
  assert.is(next('01-one/a'), '1 1');
  assert.is(next('01-one/a', '01-one/e'), '1 1', 'an edge case does not count');
  assert.is(next('01-one/b'), '2 0');
  assert.is(next('01-one/b', '02-three/c'), '1 0');
  assert.is(next('02-three/c', '01-one/a', '01-one/b'), undefined);
});

test.run();
