/** The static lesson in a real browser: answers to mistakes, raw bytes and transcripts are there, although no server of the lesson runs. */
import { readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Locator, Page } from 'playwright-core';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { createTheatre } from '../../src/app/theatre/theatre.js';
import { createStoredTrace } from '../../src/app/trace.js';
import { perform } from '../../src/lesson/learn/perform.js';
import { type Recording, recordWhatIfs } from '../../src/lesson/learn/record.js';
import { siteFiles } from '../../src/lesson/learn/site.js';
import { browserFor, checkReadable, closeBrowser, withPage } from '../interop/browser.js';
import { course, PING, sourceOf } from './lesson.js';

const test = suite('learn/site-browser');
const check = browserFor('learn/site-browser') ? test : test.skip;
/** Of a page with its style and its script, or of what the script fetches. */
const MAX_BYTES = 300 * 1024;
const TYPES: { [ending: string]: string } = {
  html: 'text/html; charset=utf-8',
  css: 'text/css',
  js: 'text/javascript',
  json: 'application/json',
  wire: 'text/plain; charset=utf-8',
};

const files = new Map<string, string>();
let server: Server;
let origin: string;

async function recordPing(): Promise<Recording> {
  const { store, tracing } = createStoredTrace((error, about) => assert.unreachable(`${about}: ${error}`));
  const theatre = createTheatre(tracing);
  const live = { stageFor: theatre.stageFor, store };
  try {
    const performed = await perform(sourceOf(PING), live);
    return { turns: performed, whatIfs: await recordWhatIfs(sourceOf(PING), live) };
  } finally {
    await theatre.close();
  }
}

test.before(async () => {
  const recorded = await recordPing();
  const sourceAt = (file: string, line: number | undefined) => `https://code.example/${file}#L${line}`;
  for (const { path, text } of siteFiles(course, (file) => (file === PING ? recorded : undefined), sourceAt))
    files.set(path, text);
  server = createServer((request, response) => {
    const text = files.get((request.url ?? '').slice(1));
    const type = TYPES[(request.url ?? '').replace(/^.*\./, '')] ?? 'text/plain';
    if (text === undefined) response.writeHead(404).end();
    else response.writeHead(200, { 'content-type': type }).end(text);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  origin = `http://localhost:${(server.address() as AddressInfo).port}`;
});
test.after(async () => {
  await closeBrowser();
  server.closeAllConnections();
  server.close();
});

const ping = (page: Page): Locator => page.locator(`[data-file="${PING}"]`);
const open = (page: Page) => page.goto(`${origin}/01-one-request/index.html`);

test('a page, and what it fetches, weighs at most 300 KB', () => {
  const weight = (path: string): number => Buffer.byteLength(files.get(path) ?? '');
  const shared = weight('style.css') + weight('script.js');
  assert.ok(shared > 0);
  for (const path of files.keys()) {
    const bytes = weight(path) + (path.endsWith('.html') ? shared : 0);
    assert.ok(bytes <= MAX_BYTES, `${path} weighs ${bytes} bytes`);
  }
});

check(
  'a mistake is guessed, its recorded answer is shown, and the way back leads to the transcript',
  async () => {
    await withPage({}, async (page) => {
      await open(page);
      await ping(page).getByRole('button', { name: 'send no token' }).click();
      await ping(page).locator('[data-guess]').getByRole('button', { name: '403' }).click();
      await ping(page).getByText('You guessed 403. It is 401 Unauthorized.').waitFor();
      await checkReadable(page, 'recorded');
      await ping(page).getByRole('button', { name: 'accept text/html only' }).click();
      await ping(page).locator('[data-guess]').getByRole('button', { name: '406' }).click();
      await ping(page).getByText('You guessed it: 406 Not Acceptable.').waitFor();
      await ping(page).getByRole('button', { name: 'Raw bytes' }).click();
      assert.match(await ping(page).locator('.came .raw').innerText(), '406 Not Acceptable');
      await ping(page).getByRole('button', { name: 'Back to the transcript' }).click();
      assert.is(await ping(page).locator('.came .status').innerText(), '200 OK');
      await ping(page).getByRole('button', { name: 'send no token' }).click();
      await ping(page).locator('[data-guess]').getByRole('button', { name: '401' }).click();
      await ping(page).getByText('You guessed it: 401 Unauthorized.').waitFor();
    });
  },
);

check(
  'raw bytes are there before anything is sent, a note links to its line, the transcript is a download',
  async () => {
    await withPage({ acceptDownloads: true }, async (page) => {
      await open(page);
      await ping(page).getByRole('button', { name: 'Raw bytes' }).click();
      await ping(page).locator('.came .raw', { hasText: 'HTTP/1.1 200 OK' }).waitFor();
      assert.match(await ping(page).locator('.sent .raw').innerText(), /^POST \/mcp HTTP\/1\.1CR LF/);
      assert.is(await ping(page).locator('.came .bytes').isVisible(), false);
      await ping(page).getByRole('button', { name: 'Raw bytes' }).click();
      await ping(page).locator('a[data-note]', { hasText: 'Accept' }).hover();
      const source = ping(page).locator('[data-explains] a', { hasText: 'src/' });
      assert.match(
        (await source.getAttribute('href')) ?? '',
        /^https:\/\/code\.example\/src\/wire\/http\/head\.ts#L\d+$/,
      );
      const started = page.waitForEvent('download');
      await ping(page).getByRole('link', { name: 'Save as .wire' }).click();
      assert.is(readFileSync(await (await started).path(), 'utf8'), sourceOf(PING));
      for (const name of ['Send', 'Edit', 'Copy as curl'])
        assert.is(await ping(page).getByRole('button', { name, exact: true }).count(), 0, name);
    });
  },
);

test.run();
