/** The chapters in their groups, and how far the reader is. */
import type { Chapter } from '../lesson/chapters.js';
import type { Look } from '../lesson/look.js';
import { titleOf } from './print.js';
import type { Progress } from './progress.js';

/** What a reader plays first. A page without links to transcripts shows them all. */
export function coreOf({ core, files }: Chapter): string[] {
  return core.length > 0 ? core : files;
}

/** How a command line names a chapter: by its number, or by its name where two have the number. */
export function refOf({ name, number }: Chapter, chapters: readonly Chapter[]): string {
  return chapters.filter((one) => one.number === number).length === 1 ? String(number) : name;
}

/** The chapters that a command line means by a number or a name. */
export function chaptersFor(ref: string, chapters: readonly Chapter[]): Chapter[] {
  return chapters.filter(({ name, number }) => (/^\d+$/.test(ref) ? number === Number(ref) : name === ref));
}

/** A transcript, and its place among those of its chapter. */
export type Place = { chapter: Chapter; at: number };

/** The first transcript after the one played last that is new to the reader. Undefined if none is. */
export function placeOf(chapters: readonly Chapter[], { seen }: Progress): Place | undefined {
  const all = chapters.flatMap((chapter) => coreOf(chapter).map((file, at) => ({ chapter, at, file })));
  const last = seen.findLast((file) => all.some((one) => one.file === file));
  const from = all.findIndex(({ file }) => file === last) + 1;
  const isNew = new Set(all.map(({ file }) => file));
  for (const file of seen) isNew.delete(file);
  return [...all.slice(from), ...all.slice(0, from)].find(({ file }) => isNew.has(file));
}

export function listLines(
  chapters: readonly Chapter[],
  { seen, solved }: Progress,
  { paint }: Look,
): string[] {
  const exercises = chapters.filter(({ exercise }) => exercise !== undefined);
  const solvedExercises = exercises.filter(({ name }) => solved.includes(name));
  const width = Math.max(0, ...chapters.map((chapter) => titleOf(chapter).length));
  const lines = [
    `The lesson: ${chapters.length} chapters, ${solvedExercises.length} of ${exercises.length} exercises solved`,
  ];
  let group = '';
  for (const [index, chapter] of chapters.entries()) {
    if (chapter.group !== group || index === 0) {
      group = chapter.group;
      lines.push('', ...(group === '' ? [] : [paint('title', group)]));
    }
    const core = coreOf(chapter);
    const count = core.filter((file) => seen.includes(file)).length;
    const mark = solved.includes(chapter.name) ? paint('good', '✓') : ' ';
    const number = String(chapter.number).padStart(2);
    const title = titleOf(chapter).padEnd(width);
    lines.push(`${mark} ${number}  ${title}  ${paint('quiet', seenText(core.length, count))}`);
  }
  return lines;
}

function seenText(all: number, seenCount: number): string {
  if (all === 0) return 'a page';
  return seenCount === 0
    ? `${all} ${all === 1 ? 'transcript' : 'transcripts'}`
    : `${seenCount} of ${all} seen`;
}
