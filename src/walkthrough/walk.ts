/** Plays chapters and checks exercises, printing as it goes. */
import { existsSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import type { Theatre } from '../app/theatre/theatre.js';
import { type Chapter, readChapters } from '../lesson/chapters.js';
import { gapsIn } from '../lesson/exercises.js';
import { FIXTURES, ROOT } from '../lesson/files.js';
import { type Mistake, play } from '../lesson/player/play.js';
import { readTranscript } from '../lesson/transcripts/transcript.js';
import { Narrator, type Telling } from './narrator.js';
import type { Check, Walk } from './options.js';
import { chapterLines, mistakeLines, transcriptLines } from './print.js';

/** Returns whether everything came back as written. */
export async function walk({ chapter, only }: Walk, theatre: Theatre, telling: Telling): Promise<boolean> {
  const { print } = telling;
  const chosen = readChapters(FIXTURES)
    .filter((one) => chapter === undefined || matches(one, chapter))
    .map((one) => ({ ...one, files: one.files.filter((file) => only === undefined || file.includes(only)) }))
    // Some chapters have a page and an exercise but no transcripts.
    .filter(({ files }) => files.length > 0 || only === undefined);
  const failed: string[] = [];
  let played = 0;
  for (const one of chosen) {
    for (const line of chapterLines(one, telling.look)) print(line);
    if (one.files.length === 0) print(`\nSee spec-fixtures/${one.name}/README.md.`);
    for (const file of one.files) {
      played += 1;
      if (!(await playFile(join(FIXTURES, file), theatre, telling))) failed.push(file);
    }
    if (one.exercise !== undefined && only === undefined)
      print(`\nYour turn: spec-fixtures/${one.exercise}, then --check ${one.number}`);
  }
  if (chosen.length === 0) {
    print('there is no such transcript; --list shows the chapters');
    return false;
  }
  if (played === 0) return true;
  const count = played === 1 ? '1 transcript' : `${played} transcripts`;
  if (failed.length === 0) print(`\n${count}: everything came back as written.`);
  else print(`\n${failed.length} of ${count} did not come back as written:\n  ${failed.join('\n  ')}`);
  return failed.length === 0;
}

/** Returns whether the exercise is solved. */
export async function check({ chapter, file }: Check, theatre: Theatre, telling: Telling): Promise<boolean> {
  const { print } = telling;
  const chapters = readChapters(FIXTURES).filter((one) => matches(one, chapter));
  const files = chapters.flatMap(({ exercise }) => exercise ?? []).map((path) => join(FIXTURES, path));
  const chosen = file === undefined ? files : [file];
  if (chosen.length === 0 || chapters.length === 0) {
    print(`chapter ${chapter} has no exercise; --list shows which ones do`);
    return false;
  }
  let solved = true;
  for (const path of chosen) {
    if (!existsSync(path)) {
      print(`${path}: there is no such file`);
      solved = false;
    } else if (isUnfinished(path, telling) || !(await playFile(path, theatre, telling))) solved = false;
  }
  if (solved) print('\nDone.');
  return solved;
}

function isUnfinished(path: string, { print }: Telling): boolean {
  const todos = gapsIn(readFileSync(path, 'utf8'));
  for (const { line, task } of todos) print(`${relativePath(path)}:${line} to do: ${task}`);
  return todos.length > 0;
}

const matches = ({ name, number }: Chapter, chapter: string) =>
  /^\d+$/.test(chapter) ? number === Number(chapter) : name === chapter;

async function playFile(path: string, theatre: Theatre, telling: Telling): Promise<boolean> {
  const source = readFileSync(path, 'utf8');
  const file = relativePath(path);
  const reading = readTranscript(source);
  const report = (mistakes: Mistake[]): boolean => {
    for (const line of mistakeLines(file, source.split(/\r?\n/), mistakes, telling.look.paint))
      telling.print(line);
    return mistakes.length === 0;
  };
  if (reading.kind === 'refused') return report([reading]);
  const { transcript } = reading;
  for (const line of transcriptLines(transcript, file, telling.look)) telling.print(line);
  const stage = await theatre.stageFor(transcript, source);
  const narrator = new Narrator(transcript, source, stage, telling);
  const { mistakes } = await play(transcript, stage, undefined, narrator);
  if (mistakes.length === 0) narrator.end();
  return report(mistakes);
}

/** Relative to the project's folder, if the file is inside it. */
function relativePath(path: string): string {
  const below = relative(ROOT, path);
  return below.startsWith('..') ? path : below;
}
