/** Checks the solution of an exercise: plays it, and tells for each gap whether the answer holds. */
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { join, relative } from 'node:path';
import type { Theatre } from '../app/theatre/theatre.js';
import { type Chapter, readChapters } from '../lesson/chapters.js';
import { checkSolution, type Gap, type Grade, gapsFor, gapsIn, type Verdict } from '../lesson/exercises.js';
import { FIXTURES, ROOT } from '../lesson/files.js';
import { type Look, type Style, wrapProse } from '../lesson/look.js';
import { play } from '../lesson/player/play.js';
import type { Transcript } from '../lesson/transcripts/transcript.js';
import { chaptersFor, refOf } from './list.js';
import type { Telling } from './narrator.js';
import type { Check } from './options.js';
import { mistakeLines, titleOf } from './print.js';
import type { ProgressFile } from './progress.js';

const MARKS: { [verdict in Verdict]: [mark: string, style: Style] } = {
  right: ['✓', 'good'],
  wrong: ['✗', 'wrong'],
  open: ['–', 'decided'],
  unchecked: ['–', 'quiet'],
};
const AFTER: { [verdict in Verdict]: string } = {
  right: '',
  wrong: '',
  open: ' (not filled in)',
  unchecked: ' (not checked yet)',
};
const GIT_MS = 5_000;
const MAX_BYTES = 1024 * 1024;

/** Returns whether all is solved. */
export async function check(
  { chapter, file }: Check,
  theatre: Theatre,
  telling: Telling,
  progress: ProgressFile,
): Promise<boolean> {
  const { print } = telling;
  const chapters = readChapters(FIXTURES);
  const chosenChapters = chaptersFor(chapter, chapters).filter(({ exercise }) => exercise !== undefined);
  if (chosenChapters.length === 0) {
    print(`chapter ${chapter} has no exercise; --list shows the chapters`);
    return false;
  }
  if (file !== undefined && chosenChapters.length > 1) {
    const names = chosenChapters.map(({ name }) => name).join(' or ');
    print(`two chapters have the number ${chapter}: with --file, say --check ${names}`);
    return false;
  }
  const unsolvedChapters: Chapter[] = [];
  for (const [at, one] of chosenChapters.entries()) {
    if (at > 0) print('');
    const path = file ?? join(FIXTURES, one.exercise ?? '');
    if (!(await checkFile(one, path, theatre, telling))) unsolvedChapters.push(one);
    else progress.solved(one.name);
  }
  if (unsolvedChapters.length > 0) return false;
  const next = chapters[chapters.indexOf(chosenChapters.at(-1) as Chapter) + 1];
  print('');
  print(
    next === undefined
      ? 'Solved. That was the last chapter.'
      : `Solved. Next is chapter ${next.number}: ${titleOf(next)}. npm run walkthrough -- --chapter ${refOf(next, chapters)}`,
  );
  return true;
}

async function checkFile(
  chapter: Chapter,
  path: string,
  theatre: Theatre,
  telling: Telling,
): Promise<boolean> {
  const { print, look } = telling;
  const name = relativePath(path);
  if (!existsSync(path)) {
    print(`${name}: there is no such file`);
    return false;
  }
  if (statSync(path).size > MAX_BYTES) {
    print(`${name}: a solution has at most ${MAX_BYTES} bytes, and this file has ${statSync(path).size}`);
    return false;
  }
  const solution = readFileSync(path, 'utf8');
  const gaps = gapsOf(chapter, solution);
  print(look.paint('title', `Chapter ${chapter.number}: ${titleOf(chapter)}`));
  for (const line of wrapProse(`Checking ${name}`, look.width)) print(line);
  const playIt = async (transcript: Transcript, text: string) => {
    print(look.paint('quiet', `Starting ${whatItNeeds(transcript)} …`));
    const stage = await theatre.stageFor(transcript, text);
    return (await play(transcript, stage)).mistakes;
  };
  const { solved, grades, mistakes } = await checkSolution(gaps, solution, playIt);
  print('');
  for (const grade of grades) for (const line of gradeLines(grade, look)) print(line);
  for (const line of mistakeLines(name, solution.split(/\r?\n/), mistakes, look.paint)) print(line);
  // They are still in memory, and belong to nothing that is shown.
  telling.takeServerOutput();
  return solved;
}

function gradeLines({ gap, verdict }: Grade, { width, paint }: Look): string[] {
  const [mark, style] = MARKS[verdict];
  const text = `line ${gap.line}: ${gap.task}${AFTER[verdict]}`;
  const [first = '', ...more] = wrapProse(text, width, `${mark} `, '  ');
  const helps = gap.hint !== undefined && (verdict === 'wrong' || verdict === 'open');
  const hint = helps ? wrapProse(`hint: ${gap.hint}`, width, '  ', '        ') : [];
  return [
    paint(style, mark) + first.slice(mark.length),
    ...more,
    ...hint.map((line) => paint('quiet', line)),
  ];
}

function whatItNeeds({ server, transport, steps }: Transcript): string {
  if (transport === 'stdio') return `the ${server} server on stdio`;
  const names = [
    ...new Set([server, ...steps.flatMap((step) => (step.kind === 'send' ? (step.on ?? []) : []))]),
  ];
  return names.length === 1 ? `the ${server} server` : `the servers ${names.join(', ')}`;
}

/** Most people write into the exercise itself, which has fewer gaps then. The repository still has it as it was. */
function gapsOf({ exercise = '' }: Chapter, solution: string): Gap[] {
  const texts = [readFileSync(join(FIXTURES, exercise), 'utf8'), committed(`spec-fixtures/${exercise}`)];
  const gapLists = texts.map((text) => (text === undefined ? undefined : gapsFor(text, solution)) ?? []);
  const [most = []] = gapLists.sort((one, other) => other.length - one.length);
  return most.length > 0 ? most : gapsIn(solution);
}

function committed(path: string): string | undefined {
  try {
    return execFileSync('git', ['show', `HEAD:./${path}`], {
      cwd: ROOT,
      encoding: 'utf8',
      maxBuffer: MAX_BYTES,
      timeout: GIT_MS,
      stdio: ['ignore', 'pipe', 'ignore'],
    });
  } catch {
    return undefined; // There is no git here, or no repository.
  }
}

/** Relative to the project's folder, if the file is inside it. */
function relativePath(path: string): string {
  const below = relative(ROOT, path);
  return below.startsWith('..') ? path : below;
}
