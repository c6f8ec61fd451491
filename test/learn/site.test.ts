/** The lesson as files: each link of each page leads to a file of the site, or out of it. */
import { posix } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { FIXTURES } from '../../src/lesson/files.js';
import { openCourse } from '../../src/lesson/learn/course.js';
import { siteFiles } from '../../src/lesson/learn/site.js';

const test = suite('learn/site');
const files = new Map(
  [...siteFiles(openCourse(FIXTURES), () => undefined)].map(({ path, text }) => [path, text]),
);
const pages = [...files].filter(([path]) => path.endsWith('.html'));

/** The addresses in a page, and the ids that it has. */
function linksOf(text: string): { links: string[]; ids: Set<string> } {
  const links = [...text.matchAll(/ (?:href|src)="([^"]*)"/g)].map(([, link = '']) => link);
  return { links, ids: new Set([...text.matchAll(/ id="([^"]*)"/g)].map(([, id = '']) => id)) };
}

test('there is a page for the contents, for each chapter and for each transcript', () => {
  const { length } = openCourse(FIXTURES).chapters();
  assert.is(pages.filter(([path]) => path.endsWith('/index.html')).length, length);
  assert.ok(files.has('index.html') && files.has('style.css') && files.has('script.js'));
  assert.ok(files.has('01-one-request/answers-a-ping.html'));
  assert.match(files.get('01-one-request/answers-a-ping.wire') ?? '', /^# a ping is answered/);
});

test('each link leads somewhere', () => {
  const lost: string[] = [];
  for (const [path, text] of pages) {
    const { links, ids } = linksOf(text);
    for (const link of links) {
      if (/^https?:/.test(link)) continue;
      const [page = '', hash] = link.split('#');
      const isThere = page === '' || files.has(posix.join(posix.dirname(path), page));
      const hasTarget = hash === undefined || page !== '' || ids.has(hash);
      if (!isThere || !hasTarget) lost.push(`${path}: ${link}`);
    }
  }
  assert.equal(lost, []);
});

test('nothing on a page asks for a running server', () => {
  for (const [path, text] of pages) {
    assert.not.match(text, /data-send|data-check|href="\/|localhost:\d{4,5}\/learn/, path);
  }
});

test.run();
