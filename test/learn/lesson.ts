/** The lesson of this folder, its pages without a server, and one of its turns. */
import { FIXTURES } from '../../src/lesson/files.js';
import { openCourse } from '../../src/lesson/learn/course.js';
import type { Site } from '../../src/lesson/learn/layout.js';
import { chapterPage, contentsPage, transcriptPage } from '../../src/lesson/learn/pages.js';
import { readStory, type Turn } from '../../src/lesson/learn/turns.js';

/** The smallest transcript of the lesson. */
export const PING = '01-one-request/answers-a-ping.wire';
export const course = openCourse(FIXTURES);

export const site = (given: Partial<Site> = {}): Site => ({
  course,
  links: {},
  isLive: true,
  to: (page) => (page === '' ? '/learn' : `/learn/${page}`),
  ...given,
});

export function sourceOf(file: string): string {
  const source = course.source(file);
  if (source === undefined) throw new Error(`there is no ${file}`);
  return source;
}

export function turnOf(file: string, index = 0): Turn {
  const turn = readStory(sourceOf(file)).turns[index];
  if (turn === undefined) throw new Error(`${file} has no turn ${index}`);
  return turn;
}

/** Every page of the lesson, by its path below /learn. */
export function everyPage(given: Partial<Site> = {}): Map<string, string> {
  const pages = new Map([['', contentsPage(site(given))]]);
  for (const chapter of course.chapters()) {
    pages.set(chapter.name, chapterPage(site(given), chapter));
    for (const file of chapter.files)
      pages.set(file.replace('.wire', ''), transcriptPage(site(given), chapter, file));
  }
  return pages;
}
