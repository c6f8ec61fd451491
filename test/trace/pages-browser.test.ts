/**
 * The page of the trace in a real browser, under the policy that it is served with: by mouse and by keyboard, with the script
 * and without, on a desktop and on a telephone, in light and in dark.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { readTranscript } from '../../src/lesson/transcripts/transcript.js';
import { closeGuarded } from '../endpoint/guarded.js';
import { legacy, modernCall } from '../http/wire.js';
import { browserFor, checkHandling, checkReadable, closeBrowser, withPage } from '../interop/browser.js';
import { toolOf } from '../mcp/ask.js';
import { turn } from '../support/until.js';
import { TRACE, type Watched, watched } from './watched.js';

const test = suite('trace/pages-browser');
const check = browserFor('trace/pages-browser') ? test : test.skip;
/** Where screenshots of the page go. */
const SHOTS = process.env.BAREWIRE_TEST_SHOTS;

let door: Watched;
let origin: string;

const rows = toolOf('postgres.readonly', {
  handler: async (_args, context) => {
    context.progress(1, 2, 'asked');
    await turn();
    return {
      content: [{ type: 'text', text: '{"rows":[["Gita","team"]]}' }],
      structuredContent: { rows: [['Gita', 'team']] },
    };
  },
});

const ask = (token = door.token(), accept = 'application/json') => {
  const { headers, body } = modernCall('postgres.readonly', { progressToken: 'p' }, 1, { sql: 'select 1' });
  return door.post(token, body, { ...headers, accept });
};

test.before.each(async () => {
  door = await watched({ tools: [rows] });
  origin = `http://localhost:${door.port}`;
});
test.after.each(closeGuarded);
test.after(closeBrowser);

async function conversation(): Promise<void> {
  await door.post('', legacy('ping'));
  await fetch(new URL('/.well-known/oauth-protected-resource/mcp', origin));
  await ask();
  await ask(door.token({ scope: 'other' }));
  await ask(undefined, 'text/event-stream');
  await door.over(5);
}

for (const colorScheme of ['light', 'dark'] as const) {
  for (const width of [1280, 375]) {
    check(`the page can be read by everybody, ${colorScheme}, at ${width} px`, async () => {
      for (const [name, path] of [
        ['empty', `${TRACE}`],
        ['list', `${TRACE}`],
        ['call', `${TRACE}/3`],
        ['refused', `${TRACE}/4`],
        ['stream', `${TRACE}/5`],
        ['raw', `${TRACE}/5?view=raw`],
        ['hex', `${TRACE}/3?view=hex`],
        ['filtered', `${TRACE}?status=4xx&paused=5`],
        ['nothing left', `${TRACE}?status=4xx&method=GET`],
        ['lost', `${TRACE}/99`],
      ] as const) {
        if (name === 'list') await conversation();
        await withPage({ colorScheme, viewport: { width, height: 800 } }, async (page) => {
          await page.goto(`${origin}${path}`);
          if (name === 'call') await page.locator('[data-note]', { hasText: 'mcp-name' }).first().click();
          if (name === 'refused') await page.locator('#meanings summary').click();
          if (SHOTS !== undefined)
            await page.screenshot({
              path: join(SHOTS, `trace-${name}-${width}-${colorScheme}.png`),
              fullPage: true,
            });
          await checkReadable(page, name);
          await checkHandling(page, name, 'button:visible, .button:visible');
        });
      }
    });
  }
}

check('exchanges appear as they happen, and the one being read stays in place', async () => {
  await withPage({}, async (page) => {
    await page.goto(`${origin}${TRACE}`);
    await page.getByText('Nothing yet.').waitFor();
    await ask();
    await page.getByRole('link', { name: /^#1 tools\/call postgres\.readonly/ }).click();
    await page.getByRole('heading', { name: '#1 tools/call postgres.readonly' }).waitFor();
    assert.is(new URL(page.url()).pathname, `${TRACE}/1`);
    const part = page.locator('[data-note]', { hasText: 'mcp-name' }).first();
    await part.focus();
    await page.locator('#note', { hasText: 'src/wire/mcp/request-headers.ts' }).waitFor();
    await ask();
    await page.getByRole('link', { name: /^#2/ }).waitFor();
    assert.is(await part.evaluate((one) => one.matches(':focus')), true);
    assert.match(await page.locator('#note').innerText(), '2026-07-28/streamable-http/038');
    await page.goBack();
    await page.getByRole('heading', { name: 'Every byte, and what it is for' }).waitFor();
  });
});

check('the keyboard alone is enough to find a part and its explanation', async () => {
  await ask();
  await door.over(1);
  await withPage({}, async (page) => {
    await page.goto(`${origin}${TRACE}`);
    const focused = () => page.evaluate<string>('document.activeElement.textContent.trim()');
    for (let steps = 0; !(await focused()).startsWith('#1') && steps < 20; steps += 1)
      await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: '#1 tools/call postgres.readonly' }).waitFor();
    // The bytes as a whole can be scrolled by the keyboard, so they have the focus before their first part has it.
    const atPart = () => page.evaluate<boolean>("document.activeElement.matches('[data-note]')");
    for (let steps = 0; !(await atPart()) && steps < 20; steps += 1) await page.keyboard.press('Tab');
    await page.locator('#note', { hasText: 'one message to the server' }).waitFor();
    await page.keyboard.press('ArrowDown');
    assert.is(await focused(), 'host');
    await page.locator('#note', { hasText: 'src/wire/http/head.ts' }).waitFor();
    assert.is(await page.evaluate('getComputedStyle(document.activeElement).outlineStyle'), 'solid');
  });
});

check('the curl command is copied and the transcript saved', async () => {
  await ask();
  await door.over(1);
  await withPage(
    { permissions: ['clipboard-read', 'clipboard-write'], acceptDownloads: true },
    async (page) => {
      await page.goto(`${origin}${TRACE}/1`);
      await page.getByRole('button', { name: 'Copy as curl' }).click();
      await page.locator('#said', { hasText: 'Copied.' }).waitFor();
      // Following again loads the page again, and replaces the list.
      await page.evaluate(`new Promise((resolve) => {
        new MutationObserver(() => resolve(true)).observe(document.querySelector('#list'), { childList: true });
        document.dispatchEvent(new Event('visibilitychange'));
      })`);
      assert.is(await page.locator('#said').textContent(), 'Copied.');
      const copied = await page.evaluate<string>('navigator.clipboard.readText()');
      assert.match(copied, `curl -s ${origin}/mcp`);
      assert.match(copied, '$TOKEN');
      const started = page.waitForEvent('download');
      await page.getByRole('link', { name: 'Save as .wire' }).click();
      const file = await started;
      assert.is(file.suggestedFilename(), 'exchange-1.wire');
      assert.is(readTranscript(readFileSync(await file.path(), 'utf8')).kind, 'transcript');
    },
  );
});

check(
  'a filter is applied as it is chosen, stays while exchanges come in, and leads on when nothing is left',
  async () => {
    await conversation();
    await withPage({}, async (page) => {
      const rows = page.locator('#list ol a');
      await page.goto(`${origin}${TRACE}`);
      await page.getByText('5 stored.').waitFor();
      await page.getByLabel('Status').focus();
      await page.getByLabel('Status').selectOption('4xx');
      await page.getByText('2 of 5 shown.').waitFor();
      assert.is(new URL(page.url()).search, '?status=4xx');
      assert.is(await page.getByLabel('Status').evaluate((one) => one.matches(':focus')), true);
      await door.post('', legacy('ping'));
      await ask();
      await page.getByText('3 of 7 shown.').waitFor();
      assert.is(await rows.count(), 3);
      await page.getByRole('link', { name: /^#6 ping/ }).click();
      await page.getByRole('heading', { name: '#6 ping' }).waitFor();
      assert.is(await rows.count(), 3, 'the filter stays when an exchange is opened');

      await page.getByLabel('Method').selectOption('GET');
      await page.getByText('None of the 7 stored has method GET and status 4xx.').waitFor();
      await page.getByRole('link', { name: 'Show any status' }).click();
      await page.getByText('1 of 7 shown.').waitFor();
      await page.getByRole('heading', { name: '#6 ping' }).waitFor();
      await page.goBack();
      await page.getByText('0 of 7 shown.').waitFor();
      await page.getByRole('link', { name: 'Show all' }).click();
      await page.getByText('7 stored.').waitFor();
    });
  },
);

check('a pause holds the list and counts what comes, and the list can be cleared', async () => {
  await ask();
  await door.over(1);
  await withPage({}, async (page) => {
    const rows = page.locator('#list ol a');
    await page.goto(`${origin}${TRACE}`);
    await page.getByRole('link', { name: 'Pause' }).click();
    await page.getByText('1 stored. Paused: 0 new since then.').waitFor();
    assert.is(
      await page.getByRole('link', { name: 'Resume' }).evaluate((one) => one.matches(':focus')),
      true,
    );
    await ask();
    await ask();
    await page.getByText('1 stored. Paused: 2 new since then.').waitFor();
    assert.is(await rows.count(), 1);
    await page.keyboard.press('Enter');
    await page.getByText('3 stored.').waitFor();
    assert.is(await rows.count(), 3);
    await page.getByRole('button', { name: 'Clear' }).click();
    await page.getByText('Nothing yet.').waitFor();
    assert.equal(door.store.all, []);
    await ask();
    await page.getByRole('link', { name: /^#4/ }).waitFor();
  });
});

check('the raw view shows line ends and chunks, the hexadecimal one bytes, by the keyboard too', async () => {
  await ask(undefined, 'text/event-stream');
  await door.over(1);
  await withPage({}, async (page) => {
    await page.goto(`${origin}${TRACE}/1`);
    await page.getByRole('link', { name: 'Raw' }).focus();
    await page.keyboard.press('Enter');
    const answer = page.locator('section[aria-labelledby=response]');
    await answer.locator('.size').first().waitFor();
    assert.match(await answer.innerText(), /HTTP\/1\.1 200 OK\s*CR LF/);
    assert.match(await answer.innerText(), /[\da-f]+ a chunk of \d+ bytes\s+CR LF\s+data: /);
    assert.match(await answer.innerText(), /LF\s+LF\s+CR LF\s+0\s*CR LF\s+CR LF\s*$/);
    assert.is(await page.getByRole('link', { name: 'Raw' }).evaluate((one) => one.matches(':focus')), true);
    await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    await page.locator('.hex').first().waitFor();
    assert.match(
      await page.locator('.hex').first().innerText(),
      /^0000 {2}50 4f 53 54 20 2f 6d 63 {2}70 .* POST \/mcp HTTP\/1/,
    );
    await ask();
    await page.getByRole('link', { name: /^#2/ }).click();
    await page.getByRole('heading', { name: '#2 tools/call postgres.readonly' }).waitFor();
    assert.is(await page.locator('.hex').count(), 2, 'the view stays for the next exchange');
  });
});

check('without JavaScript filters, pause, clear and views are links and forms', async () => {
  await conversation();
  await withPage({ javaScriptEnabled: false }, async (page) => {
    await page.goto(`${origin}${TRACE}/4`);
    await page.getByLabel('Status').selectOption('4xx');
    await page.getByRole('button', { name: 'Filter' }).click();
    await page.getByText('2 of 5 shown.').waitFor();
    await page.getByRole('heading', { name: '#4 tools/call postgres.readonly' }).waitFor();
    await page.getByRole('link', { name: 'Hex' }).click();
    assert.is(await page.locator('.hex').count(), 2);
    await page.getByRole('link', { name: 'Pause' }).click();
    await door.post('', legacy('ping'));
    await door.over(6);
    await page.reload();
    await page.getByText('2 of 5 shown. Paused: 1 new since then.').waitFor();
    await page.getByRole('link', { name: 'Resume (1 new)' }).click();
    await page.getByText('3 of 6 shown.').waitFor();
    await page.getByRole('button', { name: 'Clear' }).click();
    await page.getByText('Nothing yet.').waitFor();
  });
});

check('without JavaScript everything is still there', async () => {
  await ask();
  await door.over(1);
  await withPage({ javaScriptEnabled: false }, async (page) => {
    await page.goto(`${origin}${TRACE}`);
    await page.getByRole('link', { name: /^#1/ }).click();
    await page.locator('#meanings summary').click();
    await page.locator('[data-note]', { hasText: 'mcp-name' }).first().click();
    const meaning = page.locator(`#meanings div:target`);
    assert.match(await meaning.innerText(), 'src/wire/mcp/request-headers.ts');
    assert.is(await page.getByRole('button', { name: 'Copy as curl' }).count(), 0);
  });
});

test.run();
