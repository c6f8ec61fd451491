/**
 * The lesson in a real browser, in front of its real servers: reading, sending, editing, guessing, solving; by mouse and by
 * keyboard, with the script and without, wide and narrow, in light and in dark.
 */
import { readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import type { Locator, Page } from 'playwright-core';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { createLesson } from '../../src/app/lesson.js';
import { browserFor, checkHandling, checkReadable, closeBrowser, withPage } from '../interop/browser.js';
import { ROOT } from '../support/process.js';
import { course, PING, sourceOf } from './lesson.js';

const test = suite('learn/browser');
const check = browserFor('learn/browser') ? test : test.skip;
/** Where screenshots of the pages go. */
const SHOTS = process.env.BAREWIRE_TEST_SHOTS;
const SOLUTIONS: { [chapter: string]: string[] } = JSON.parse(
  readFileSync(join(ROOT, 'test/walkthrough/solutions.json'), 'utf8'),
);
const CHAPTER = '01-one-request';
/** Of a page with its style and its script. */
const MAX_BYTES = 300 * 1024;
/** Until a page is interactive. */
const MAX_MS = 1_000;

const lesson = createLesson((error, about) => assert.unreachable(`${about}: ${error}`));
let server: Server;
let origin: string;

test.before(async () => {
  const pages = lesson.pages(() => ({ registry: `${origin}/registry` }));
  server = createServer((request, response) => {
    const path = new URL(request.url ?? '', origin).pathname;
    if (!pages.handle(request, response, path)) response.writeHead(404).end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  origin = `http://localhost:${(server.address() as AddressInfo).port}`;
});
test.after(async () => {
  await closeBrowser();
  server.closeAllConnections();
  server.close();
  await lesson.close();
});

const open = (page: Page, path = `/${CHAPTER}`) => page.goto(`${origin}/learn${path}`);
/** The exchange of the ping; it is another element after each answer. */
const ping = (page: Page): Locator => page.locator(`[data-file="${PING}"][data-turn="0"]`);
const answered = (page: Page): Locator => page.locator(`[data-file="${PING}"][data-state="came"]`);
const status = (page: Page): Promise<string | null> =>
  answered(page).locator('.came .status').getAttribute('data-status');

async function send(page: Page): Promise<void> {
  await ping(page).getByRole('button', { name: 'Send', exact: true }).click();
  await answered(page).waitFor();
}

async function solve(page: Page, values: readonly string[]): Promise<void> {
  for (const [at, value] of values.entries()) await page.locator('input.gap').nth(at).fill(value);
  await page.getByRole('button', { name: 'Check' }).click();
}

for (const colorScheme of ['light', 'dark'] as const) {
  for (const width of [1360, 375]) {
    check(`everybody can read the lesson, ${colorScheme}, at ${width} px`, async () => {
      await withPage({ colorScheme, viewport: { width, height: 800 } }, async (page) => {
        const look = async (name: string): Promise<void> => {
          const path = join(SHOTS ?? '', `learn-${name}-${width}-${colorScheme}.png`);
          if (SHOTS !== undefined) await page.screenshot({ path, fullPage: true });
          await checkReadable(page, name);
        };
        await open(page, '');
        await look('contents');
        await open(page);
        await look('before');
        await checkHandling(page, 'before', '.exchange button:visible');
        await send(page);
        await answered(page).locator('a[data-note]', { hasText: 'Authorization' }).click();
        await answered(page).getByRole('button', { name: 'Edit' }).click();
        await look('after');
        await open(page, `/${PING.replace('.wire', '')}`);
        await look('transcript');
        await open(page, '/03-what-changed-in-2026-07-28');
        await look('eras');
      });
    });
  }
}

check('a request is sent as it is: the answer, its decision, its stages, its bytes', async () => {
  await withPage({}, async (page) => {
    await open(page);
    assert.is(await ping(page).getAttribute('data-state'), 'expected');
    await ping(page).getByRole('button', { name: 'Raw bytes' }).click();
    await ping(page).getByText('There are no bytes yet.').waitFor();
    await send(page);
    await page.locator('#said', { hasText: 'The answer is there: 200 OK.' }).waitFor();
    const text = await answered(page).innerText();
    assert.match(text, 'It came back as the transcript says.');
    assert.match(text, 'What the server decided');
    assert.match(text, "From the request's head to the end of the answer");
    await answered(page).locator('a[data-note]', { hasText: 'Authorization' }).hover();
    const note = answered(page).locator('[data-explains]');
    await note.getByText('Handled in').waitFor();
    assert.match((await note.getByRole('link').first().getAttribute('href')) ?? '', /^https:.*#/);
    await answered(page).getByRole('button', { name: 'Raw bytes' }).click();
    assert.match(await answered(page).locator('.came .raw').innerText(), 'HTTP/1.1 200 OKCR LF');
    assert.is(await answered(page).locator('.came .bytes').isVisible(), false);
    await answered(page).getByRole('link', { name: 'Open in the trace' }).click();
    await page.getByRole('heading', { name: /ping/ }).waitFor();
  });
});

check('an edited request gets its own answer, and the way back to the transcript stays', async () => {
  await withPage(
    {},
    async (page) => {
      await open(page);
      await ping(page).getByRole('button', { name: 'Edit' }).click();
      const editor = page.locator(`[data-file="${PING}"] textarea`);
      const written = await editor.inputValue();
      await editor.fill(written.replace('"id":1', '"id":"mine"').replace('ping', 'pong'));
      await ping(page).getByRole('button', { name: 'Send this' }).click();
      await answered(page).waitFor();
      const text = await answered(page).innerText();
      assert.match(text, '"id": "mine"');
      assert.match(text, 'It differs from what the transcript expects');
      assert.match(await editor.inputValue(), 'pong', 'what was written stays');
      await answered(page).getByRole('button', { name: 'Back to the transcript' }).click();
      assert.is(await editor.inputValue(), written);
      await editor.fill('@x on nowhere');
      await answered(page).getByRole('button', { name: 'Send this' }).click();
      await answered(page)
        .locator('.problem', { hasText: /text, line 1: / })
        .waitFor();
    },
    /status of 4\d\d/,
  );
});

check('a mistake is guessed first, and its answer says who was right', async () => {
  await withPage({}, async (page) => {
    await open(page);
    const chips = ping(page).locator('[data-what-if]:visible');
    assert.is(await chips.count(), 6, 'few at first');
    await ping(page)
      .getByRole('button', { name: /^\d+ more$/ })
      .click();
    assert.ok((await chips.count()) > 6);
    await ping(page).getByRole('button', { name: 'accept text/html only' }).click();
    assert.is(await ping(page).getAttribute('data-state'), 'expected', 'nothing was sent yet');
    await ping(page).locator('[data-guess]').getByRole('button', { name: '400' }).click();
    await answered(page).getByText('You guessed 400. It is 406 Not Acceptable.').waitFor();
    assert.is(await status(page), '406');
    await answered(page).getByRole('button', { name: 'send no token' }).click();
    await answered(page).locator('[data-guess]').getByRole('button', { name: '401' }).click();
    await answered(page).getByText('You guessed it: 401 Unauthorized.').waitFor();
    const pressed = answered(page).locator('[data-what-if][aria-pressed="true"]');
    assert.is(await pressed.innerText(), 'send no token');
  });
});

check('the exercise is wrong, then solved, and this browser remembers it', async () => {
  await withPage({}, async (page) => {
    const answers = SOLUTIONS[CHAPTER] ?? [];
    await open(page);
    const done = page.locator(`.chapters [data-chapter="${CHAPTER}"] .done`);
    await solve(page, [...answers.slice(0, -1), '"another"']);
    await page.getByText('✗ not yet').first().waitFor();
    assert.is(await done.isVisible(), false);
    assert.is(await page.locator('input.gap').last().inputValue(), '"another"', 'what was written stays');
    await solve(page, answers);
    await page.locator('.exercise').getByText('Solved.').waitFor();
    await done.waitFor();
    await page.reload();
    await done.waitFor();
    await open(page, '');
    await page.locator(`.group [data-chapter="${CHAPTER}"] .done`).waitFor();
    await page.getByRole('link', { name: /^Go on with .*One request/ }).click();
    await page.getByRole('heading', { level: 1, name: 'One request' }).waitFor();
  });
});

for (const [chapter, gap, label, text] of [
  ['07-mirrored-headers', 1, 'The Base64 of', 'Malmö'],
  ['09-the-code-flow', 1, 'The S256 hash of', 'a-secret-of-your-own-that-nobody-else-has-seen-yet'],
] as const) {
  check(`the exercise of ${chapter} is solved on the page alone`, async () => {
    await withPage({}, async (page) => {
      await open(page, `/${chapter}`);
      const answers = SOLUTIONS[chapter] ?? [];
      await page.getByLabel(label, { exact: true }).fill(text);
      const output = page.locator('.encoder output:not(:empty)');
      const encoded = (await output.textContent()) ?? '';
      assert.match(answers[gap] ?? '', encoded);
      await solve(page, answers);
      await page.locator('.exercise').getByText('Solved.').waitFor();
    });
  });
}

check('curl is copied, and the transcript is saved', async () => {
  const permissions = ['clipboard-read', 'clipboard-write'];
  await withPage({ permissions, acceptDownloads: true }, async (page) => {
    await open(page);
    await send(page);
    await answered(page).getByRole('button', { name: 'Copy as curl' }).click();
    await page.locator('#said', { hasText: 'Copied.' }).waitFor();
    const copied = await page.evaluate<string>('navigator.clipboard.readText()');
    assert.match(copied, /^curl -si http:\/\/localhost:\d+\/mcp /);
    const started = page.waitForEvent('download');
    await answered(page).getByRole('link', { name: 'Save as .wire' }).click();
    const file = await started;
    assert.is(file.suggestedFilename(), PING.replace(/^.*\//, ''));
    assert.is(readFileSync(await file.path(), 'utf8'), sourceOf(PING));
  });
});

check('the keyboard alone is enough to read a note, to send and to break it', async () => {
  await withPage({}, async (page) => {
    await open(page);
    const focused = () => page.evaluate<string>('document.activeElement.textContent.trim()');
    const tabTo = async (text: string): Promise<void> => {
      for (let steps = 0; (await focused()) !== text; steps += 1) {
        assert.ok(steps < 100, `${text} can be reached`);
        await page.keyboard.press('Tab');
      }
    };
    await tabTo('To the content');
    await page.keyboard.press('Enter');
    await tabTo('Send');
    await page.keyboard.press('Enter');
    await answered(page).waitFor();
    assert.is(await focused(), 'Send', 'the focus stays where it was');
    await tabTo('POST /mcp HTTP/1.1');
    await page.keyboard.press('ArrowDown');
    assert.is(await focused(), 'Host');
    await answered(page).locator('[data-explains]', { hasText: 'DNS rebinding' }).waitFor();
    await tabTo('send no token');
    await page.keyboard.press('Enter');
    await tabTo('401');
    await page.keyboard.press('Enter');
    await answered(page).getByText('You guessed it: 401 Unauthorized.').waitFor();
    assert.is(await page.evaluate('getComputedStyle(document.activeElement).outlineStyle'), 'solid');
  });
});

check('without JavaScript everything can be read, and a note is one link away', async () => {
  await withPage({ javaScriptEnabled: false }, async (page) => {
    await open(page, '');
    await page.locator('.group a', { hasText: 'One request' }).click();
    await ping(page).locator('a[data-note]', { hasText: 'Accept' }).click();
    const meaning = page.locator('.meanings div:target');
    await meaning.waitFor();
    assert.match(await meaning.innerText(), 'Handled in');
    for (const name of ['Send', 'Edit', 'Check'])
      assert.is(await page.getByRole('button', { name }).count(), 0, `${name} would do nothing`);
    await page.getByText(/^Edge cases: /).click();
    await page.locator('.edges a').first().click();
    await page.locator('.exchange').first().waitFor();
  });
});

check('a story of several turns on stdio, and a stream, show what came in each', async () => {
  await withPage({}, async (page) => {
    await open(page, '/17-stdio');
    const story = page.locator('[data-story="17-stdio/shakes-hands.wire"]');
    await story.getByRole('button', { name: 'Send', exact: true }).last().click();
    await story.locator('[data-turn="2"][data-state="came"]').waitFor();
    assert.is(await story.locator('[data-state="expected"]').count(), 0, 'the turns before it as well');
    assert.is(await story.getByText('It came back as the transcript says.').count(), 3);
    await open(page, '/06-streams');
    const stream = page.locator('[data-file="06-streams/streams-progress.wire"]');
    await stream.getByRole('button', { name: 'Send', exact: true }).click();
    await stream.and(page.locator('[data-state="came"]')).waitFor();
    assert.is(await stream.locator('.came .bytes a', { hasText: 'data:' }).count(), 4);
  });
});

check('a missing server is reported, and the text of the reader stays', async () => {
  await withPage(
    {},
    async (page) => {
      await open(page);
      await page.route('**/learn/send', (route) => route.abort());
      await ping(page).getByRole('button', { name: 'Send', exact: true }).click();
      await page.locator('.problem', { hasText: 'The server does not answer' }).waitFor();
      assert.is(await ping(page).getAttribute('data-state'), 'expected');
    },
    /ERR_FAILED/,
  );
});

check('no chapter weighs more than 300 KB, and the first is interactive within a second', async () => {
  const weigh = async (path: string) =>
    (await (await fetch(`${origin}/learn${path}`)).arrayBuffer()).byteLength;
  const shared = (await weigh('/style.css')) + (await weigh('/script.js'));
  for (const { name } of course.chapters()) {
    const bytes = shared + (await weigh(`/${name}`));
    assert.ok(bytes <= MAX_BYTES, `${name} weighs ${bytes} bytes`);
  }
  await withPage({}, async (page) => {
    const times: number[] = [];
    // The best of some: other work of this machine does not count against the page.
    for (let round = 0; round < 5; round += 1) {
      await open(page);
      times.push(
        await page.evaluate<number>("performance.getEntriesByType('navigation')[0].domContentLoadedEventEnd"),
      );
    }
    assert.ok(Math.min(...times) < MAX_MS, `interactive after ${times.map(Math.round)} ms`);
  });
});

test.run();
