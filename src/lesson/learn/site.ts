/** The lesson as files: the same pages as those of a running server, with recorded answers. Links are relative. */
import { browserFile } from '../../pages/reply.js';
import type { Course } from './course.js';
import type { Site } from './layout.js';
import { chapterPage, contentsPage, transcriptPage } from './pages.js';
import type { Performed } from './perform.js';

const STYLES = ['base.css', 'bytes.css', 'learn.css'] as const;

export type SiteFile = { path: string; text: string };

/** @param performed what came back when a transcript was played */
export function* siteFiles(
  course: Course,
  performed: (file: string) => readonly Performed[] | undefined,
): Generator<SiteFile> {
  const siteAt = (up: string): Site => ({
    course,
    links: {},
    isLive: false,
    to: (page) => `${up}${pathOf(page)}`,
    performed,
  });
  yield { path: 'style.css', text: STYLES.map((name) => browserFile(name)).join('') };
  yield { path: 'script.js', text: browserFile('learn.js') };
  yield { path: pathOf(''), text: contentsPage(siteAt('')) };
  const site = siteAt('../');
  for (const chapter of course.chapters()) {
    yield { path: pathOf(chapter.name), text: chapterPage(site, chapter) };
    for (const file of chapter.files) {
      yield { path: pathOf(file.replace('.wire', '')), text: transcriptPage(site, chapter, file) };
      yield { path: file, text: course.source(file) ?? '' };
    }
  }
}

/** The file of a page: the contents, a chapter, `chapter/transcript`, or a file with its own ending. */
function pathOf(page: string): string {
  if (page === '') return 'index.html';
  if (/\.\w+$/.test(page)) return page;
  return page.includes('/') ? `${page}.html` : `${page}/index.html`;
}
