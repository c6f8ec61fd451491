/** The pages of the chapters: what becomes of each kind of block, and that every link of every page leads somewhere. */
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { clauseOf } from '../../src/lesson/annotations/clauses.js';
import { chapterView } from '../../src/lesson/learn/markdown.js';
import { html } from '../../src/pages/html.js';
import { everyPage } from './lesson.js';

const test = suite('learn/markdown');
const view = (markdown: string, exercise = html`<form></form>`): string =>
  chapterView(markdown, {
    exchange: (links) => html`<x>${links.map(({ title, file }) => `${title}=${file}`).join('|')}</x>`,
    exercise,
    link: (href) => (href === '../02-a/README.md' ? '/learn/02-a' : undefined),
  }).text;
const pages = everyPage();

test('the title and the last link are left out, and text stays text', () => {
  const text = view('# 1. Title\n\nSome *text* with `a<b`.\n\nNext: [On](../02-a/README.md)');
  assert.is(text, '<div class="prose"><p>Some <em>text</em> with <code>a&lt;b</code>.</p>\n</div>');
});

test('a paragraph of links to transcripts becomes the exchange, and the excerpt below it is left out', () => {
  const text = view(
    'Before.\n\n[Ask](ask.wire)\n\n```wire\n> POST\n```\n\nBetween.\n\n```wire\n> kept\n```\n\n[Old](a.wire) · [New](b.wire)\n',
  );
  assert.match(text, /Before\.<\/p>\n<\/div><x>Ask=ask\.wire<\/x><div class="prose"><p>Between/);
  assert.match(text, '<x>Old=a.wire|New=b.wire</x>');
  assert.match(text, '&gt; kept');
  assert.not.match(text, '&gt; POST');
});

test('the exercise stands at the end of its section, and what the reader now knows stands out', () => {
  const text = view('## You now know\n\n- this\n\n## Exercise\n\nDo it.\n\n## After\n\nMore.\n');
  assert.match(text, /<div class="prose now"><h2>You now know<\/h2>/);
  assert.match(text, /Do it\.<\/p>\n<\/div><form><\/form><div class="prose"><h2>After/);
});

test('links lead to pages of the lesson or to the web; others are text', () => {
  assert.match(view('[On](../02-a/README.md)'), '<a href="/learn/02-a">On</a>');
  assert.match(view('[Web](https://example.com/?a=1&b)'), '<a href="https://example.com/?a=1&amp;b">Web</a>');
  assert.match(view('[Gone](../../src/README.md) [bad](javascript:alert)'), '<p>Gone bad</p>');
});

test('the id of a clause links to its section and says what it requires', () => {
  const clause = clauseOf('2025-11-25/basic/006');
  assert.ok(clause);
  const text = view('It returns (2025-11-25/basic/006), and 2025-11-25/basic/999 does not exist.');
  assert.match(text, `<a class="clause" href="${clause.url}"`);
  assert.ok(text.includes(html`title="${clause.level}: ${clause.summary}"`.text), text);
  assert.match(text, 'and 2025-11-25/basic/999 does not exist');
});

test('a table can be scrolled, HTML is shown as text, and code can be reached by keyboard', () => {
  const text = view('| a | b |\n|---|---|\n| `c` | d |\n\n<script>alert(1)</script>\n\n```sh\nls <x>\n```\n');
  assert.match(text, '<div class="scroll" tabindex="0"><table><thead><tr><th>a</th><th>b</th></tr></thead>');
  assert.match(text, '<td><code>c</code></td>');
  assert.not.match(text, '<script>');
  assert.match(text, '<pre tabindex="0"><code>ls &lt;x&gt;</code></pre>');
});

test('a diagram becomes a picture', () => {
  const text = view('```mermaid\nsequenceDiagram\n  C->>S: ping\n```\n');
  assert.match(text, '<figure class="story">');
  assert.match(text, 'aria-label="Who sends what, in time: C, S.');
});

test('every link of every page leads to a page, to a place on it, or to the web', () => {
  const wrong: string[] = [];
  for (const [path, page] of pages) {
    const ids = new Set([...page.matchAll(/ id="([^"]+)"/g)].map(([, id]) => id));
    for (const [, href = ''] of page.matchAll(/<a [^>]*href="([^"]*)"/g)) {
      const leads = href.startsWith('#')
        ? ids.has(href.slice(1))
        : /^https?:\/\/\w/.test(href) || pages.has(href.replace(/^\/learn\/?/, '').replace(/\.wire$/, ''));
      if (!leads) wrong.push(`${path}: ${href}`);
    }
  }
  assert.equal([...new Set(wrong)], []);
});

test('on no page is a level of headings left out', () => {
  for (const [path, page] of pages) {
    const levels = [...page.matchAll(/<h([1-6])[ >]/g)].map(([, level]) => Number(level));
    assert.is(levels[0], 1, path);
    for (const [at, level] of levels.entries())
      assert.ok(level <= (levels[at - 1] ?? 0) + 1, `${path}: heading ${at + 1}`);
  }
});

test('no page uses an id twice, and no page weighs more than 300 KB', () => {
  for (const [path, page] of pages) {
    // Of tags: an exchange may show a page for people, as text.
    const ids = [...page.matchAll(/<[a-z][^<>]* id="([^"]+)"/g)].map(([, id]) => id);
    assert.is(new Set(ids).size, ids.length, path);
    // Style and script weigh less than 40 KB.
    assert.ok(Buffer.byteLength(page) < 260 * 1024, `${path} has ${Buffer.byteLength(page)} bytes`);
  }
});

test.run();
