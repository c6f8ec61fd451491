/** The lesson as files: the same pages as those of a running server, with recorded answers. Links are relative. */
import { browserFile } from '../../pages/reply.js';
import type { SourceAt } from '../pages/annotated.js';
import type { Course } from './course.js';
import type { Site } from './layout.js';
import { chapterPage, contentsPage, transcriptPage, turnOf } from './pages.js';
import { rawView } from './raw.js';
import type { Recording } from './record.js';

const STYLES = ['base.css', 'bytes.css', 'learn.css'] as const;

export type SiteFile = { path: string; text: string };

/** @param sourceAt where a line of the source is published */
export function* siteFiles(
  course: Course,
  recordingOf: (file: string) => Recording | undefined,
  sourceAt?: SourceAt,
): Generator<SiteFile> {
  const siteAt = (up: string): Site => ({
    course,
    links: {},
    isLive: false,
    to: (page) => `${up}${pathOf(page)}`,
    sourceAt,
    playedTurns: (file) => recordingOf(file)?.turns,
    whatIfs: (file) => new Set(recordingOf(file)?.whatIfs.keys()),
  });
  yield { path: 'style.css', text: withoutSpace(STYLES.map((name) => browserFile(name)).join('')) };
  yield { path: 'script.js', text: browserFile('learn.js') };
  yield { path: pathOf(''), text: contentsPage(siteAt('')) };
  const site = siteAt('../');
  for (const chapter of course.chapters()) {
    yield { path: pathOf(chapter.name), text: chapterPage(site, chapter) };
    for (const file of chapter.files) {
      yield { path: pathOf(file.replace('.wire', '')), text: transcriptPage(site, chapter, file) };
      yield { path: file, text: course.source(file) ?? '' };
      for (const { name, value } of laterParts(site, file, recordingOf(file)))
        yield { path: `${file.replace(/\.wire$/, '')}.${name}.json`, text: JSON.stringify(value) };
    }
  }
}

/** What the script fetches when a reader asks for it. In the pages it would be too much. */
function* laterParts(
  site: Site,
  file: string,
  recording: Recording | undefined,
): Generator<{ name: string; value: object }> {
  if (recording === undefined) return;
  const raw = recording.turns.map(({ turn, sent, received }) => [
    turn.index,
    { sent: rawView(sent)?.text ?? '', came: rawView(received)?.text ?? '' },
  ]);
  yield { name: 'raw', value: Object.fromEntries(raw) };
  for (const [id, playedTurn] of recording.whatIfs)
    yield { name: id, value: { html: turnOf(site, file, playedTurn).text } };
}

/** The file of a page: the contents, a chapter, `chapter/transcript`, or a file with its own ending. */
function pathOf(page: string): string {
  if (page === '') return 'index.html';
  if (/\.\w+$/.test(page)) return page;
  return page.includes('/') ? `${page}.html` : `${page}/index.html`;
}

/** A style sheet without indentation, empty lines and comments of one line, for it counts toward the bytes of each page. */
function withoutSpace(text: string): string {
  return text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !/^\/\*.*\*\/$/.test(line))
    .join('\n');
}
