/**
 * The registry's sample pages in a real browser, under the policy that they are served with: by mouse and by keyboard,
 * with the script and without, on a desktop and on a telephone, in light and in dark.
 */
import { join } from 'node:path';
import type { BrowserContextOptions, Page, Request } from 'playwright-core';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { close, listen } from '../../src/wire/http/listener.js';
import {
  browserFor,
  checkHandling,
  checkReadable,
  closeBrowser,
  withPage as inPage,
} from '../interop/browser.js';
import { until } from '../support/until.js';
import { entryOf, HISTORY, heldEntry, MANY, SERVERS, serverView, VISITOR } from './page-samples.js';
import { PageServer } from './page-server.js';

const test = suite('registry/pages-browser');
const check = browserFor('registry/pages-browser') ? test : test.skip;
/** Where pictures of the pages go, for anyone who wants to look at them. */
const SHOTS = process.env.BAREWIRE_TEST_SHOTS;
const JIRA = '/servers/internal%2Fjira';

let pages: PageServer;
let origin: string;

test.before.each(async () => {
  pages = new PageServer();
  origin = `http://localhost:${await listen(pages.server, 0, '127.0.0.1')}`;
});
test.after.each(() => close(pages.server, 100));
test.after(closeBrowser);

/** Refused where a test asks for it. */
const withPage = (given: BrowserContextOptions, use: (page: Page) => Promise<void>): Promise<void> =>
  inPage(given, use, /status of (404|503)/);

/** The page listens, and has looked again since it does. */
const isLive = () =>
  until(() => pages.listening === 1 && pages.asked.at(-1) === pages.asked.at(-2), 'the page is live');
const focused = (page: Page) =>
  page.evaluate<string>('document.activeElement.id || document.activeElement.textContent.trim()');
const said = (page: Page, text: string) => page.locator('#said').filter({ hasText: text }).waitFor();

const LOOKS: [name: string, path: string, set?: () => void][] = [
  ['empty', '/', () => Object.assign(pages, { entries: [] })],
  ['list', '/'],
  ['signed-out', '/', () => Object.assign(pages, { visitor: undefined })],
  ['found', '/?q=jira.create&owner=Platform+Data%2C+%23platform-data'],
  ['nothing-found', '/?q=nothing&state=off'],
  ['held', JIRA],
  ['server', '/servers/data-warehouse', () => Object.assign(pages, { visitor: undefined })],
  ['moved', '/servers/moved'],
  ['pending', '/servers/pending'],
  ['lost', '/servers/none'],
];

for (const colorScheme of ['light', 'dark'] as const) {
  for (const width of [1280, 375]) {
    check(`every page can be read by everybody, ${colorScheme}, at ${width} px`, async () => {
      for (const [name, path, set] of LOOKS) {
        Object.assign(pages, { entries: MANY, visitor: VISITOR });
        set?.();
        await withPage({ colorScheme, viewport: { width, height: 800 } }, async (page) => {
          await page.goto(`${origin}${path}`);
          for (const open of [false, true]) {
            // As it comes, and with everything opened.
            if (open)
              await page
                .locator('details')
                .evaluateAll((all) => all.map((one) => one.setAttribute('open', '')));
            if (SHOTS !== undefined)
              await page.screenshot({
                path: join(SHOTS, `registry-${name}-${width}-${colorScheme}${open ? '-open' : ''}.png`),
                fullPage: true,
              });
            await checkReadable(page, name);
          }
          await checkHandling(page, name);
        });
      }
    });
  }
}

check('a list is searched while somebody types, and the field keeps its focus and its caret', async () => {
  await withPage({}, async (page) => {
    await page.goto(origin);
    await page.evaluate(`document.body.setAttribute('data-same', '')`);
    await page.locator('h1').click();
    await page.keyboard.press('/');
    assert.is(await focused(page), 'q');
    await page.keyboard.type('jira.creat', { delay: 20 });
    await said(page, '20 servers found.');
    await page.keyboard.press('Home');
    await page.keyboard.type('"');
    await page.keyboard.press('ArrowRight');
    await page.getByText('No server matches all of this').waitFor();
    const caret = await page.evaluate('document.activeElement.selectionStart');
    assert.equal([await focused(page), caret], ['q', 2]);
    assert.is(new URL(page.url()).search, '?q=%22jira.creat');
    await said(page, '0 servers found.');
    // Not one for each letter.
    const searches = new Set(pages.asked.filter((one) => one.includes('q=')));
    assert.ok(searches.size <= 6, [...searches].join(' '));
    await page.getByRole('link', { name: 'Show all servers' }).click();
    await said(page, '60 servers.');
    assert.is(await page.getByLabel('Search servers and tools').inputValue(), '');
    await page.goBack();
    await said(page, '0 servers found.');
    assert.is(await page.getByLabel('Search servers and tools').inputValue(), '"jira.creat');
    assert.is(await page.locator('body[data-same]').count(), 1, 'the page was not loaded again');
  });
});

check('the results belong to the last query, however late an earlier answer is', async () => {
  await withPage({}, async (page) => {
    await page.goto(origin);
    let answer = (): void => {};
    const asked = new Promise<void>((isAsked) => {
      void page.route('**/?q=jira', async (route) => {
        isAsked();
        await new Promise<void>((resolve) => {
          answer = resolve;
        });
        await route.continue().catch(() => {});
      });
    });
    const isFirst = (request: Request) => request.url().endsWith('?q=jira');
    const over = Promise.race([
      page.waitForEvent('requestfinished', isFirst),
      page.waitForEvent('requestfailed', isFirst),
    ]);
    await page.getByLabel('Search servers and tools').fill('jira');
    await asked;
    await page.getByLabel('Search servers and tools').fill('postgres');
    await said(page, '40 servers found.');
    answer();
    await over;
    await said(page, '40 servers found.');
  });
});

check(
  'filters and pages are followed without loading the page, and the focus stays where it was',
  async () => {
    await withPage({}, async (page) => {
      await page.goto(origin);
      await page.evaluate(`document.body.setAttribute('data-same', '')`);
      const filter = page.getByRole('link', { name: /^Destructive/ });
      await filter.focus();
      await page.keyboard.press('Enter');
      await said(page, '20 servers found.');
      assert.is(await filter.evaluate((one) => one.matches(':focus')), true);
      assert.is(await filter.getAttribute('aria-current'), 'true');
      await page.keyboard.press('Enter');
      await said(page, '60 servers.');
      await page.getByRole('link', { name: 'Next' }).click();
      await page.getByText('21 to 40 of 60').waitFor();
      await page.getByLabel('Search servers and tools').fill('jira');
      await page.waitForURL(`${origin}/?q=jira`);
      assert.is(await page.locator('body[data-same]').count(), 1);
    });
  },
);

check('an open list follows changes, at most once a second', async () => {
  await withPage({}, async (page) => {
    await page.goto(origin);
    await isLive();
    const before = pages.asked.length;
    pages.entries = [...MANY, entryOf({ name: 'a-new-one' })];
    for (let at = 0; at < 30; at += 1) pages.tell({ name: 'a-new-one', address: 'a' });
    await said(page, '61 servers.');
    pages.entries = [...pages.entries, entryOf({ name: 'another-one' })];
    pages.tell({ name: 'another-one', address: 'b' });
    await said(page, '62 servers.');
    const looks = pages.asked.length - before;
    assert.ok(looks <= 3, `${looks} requests for 30 changes and one more`);
    assert.is(pages.listening, 1);
  });
});

check(
  'a server that was just added shows what its check finds, and takes the name in its manifest',
  async () => {
    await withPage({}, async (page) => {
      await page.goto(origin);
      await page
        .getByLabel('Address of its manifest')
        .fill('https://pending.example.com/.well-known/mcp-capabilities');
      await page.getByRole('button', { name: 'Add' }).click();
      await page.waitForURL(`${origin}/servers/pending`);
      const csrf = VISITOR.csrf;
      const url = 'https://pending.example.com/.well-known/mcp-capabilities';
      assert.equal(pages.sent, [{ path: '/servers', fields: { csrf, url } }]);
      await page.getByText('The registry is fetching its manifest').waitFor();
      await isLive();
      const entry = entryOf({ name: 'pending' });
      pages.servers.pending = () => serverView(entry);
      // Announced as the same manifest under another name.
      pages.tell({ name: 'pending', address: entry.address });
      await page.getByRole('heading', { name: 'jira.create' }).waitFor();
      await said(page, 'pending: On.');
      // Longer than the pause between two looks: nothing else shows that a page ignores a change.
      const pause = (): Promise<void> => page.waitForTimeout(1_300);
      // One more request may be due for the change before.
      await pause();
      const looks = pages.asked.length;
      pages.tell({ name: 'another', address: 'https://another.example' });
      await pause();
      assert.is(pages.asked.length, looks, 'a change of another server is no reason to reload');
    });
  },
);

check('a page that changes keeps what is open and what somebody writes', async () => {
  await withPage({}, async (page) => {
    await page.goto(`${origin}${JIRA}#tool-jira.search`);
    // The address of a tool opens it.
    await page.getByText('Finds issues by JQL').waitFor();
    await isLive();
    const change = () => {
      const entry = { ...heldEntry(), findings: [], changedAt: '2026-03-02T11:00:00Z' };
      pages.servers['internal/jira'] = () => serverView(entry, { history: HISTORY.slice(1) });
      pages.tell({ name: 'internal/jira', address: entry.address });
    };
    await page.locator('details#switch summary').click();
    const reason = page.locator('#switch-reason');
    await reason.fill('Half a thou');
    change();
    await page.getByText('This page has changed').waitFor();
    assert.is(await reason.inputValue(), 'Half a thou');
    assert.is(await page.getByText('3 findings').count(), 1);
    await reason.fill('');
    await page.locator('h1').click();
    await page.getByText('3 findings').waitFor({ state: 'detached' });
    assert.is(await page.locator('#stale').isVisible(), false);
    assert.is(await page.locator('details#switch').getAttribute('open'), '');
    assert.is(await page.getByText('Finds issues by JQL').isVisible(), true);
  });
});

check('the page says that the registry is away, and looks again', async () => {
  await withPage({}, async (page) => {
    await page.goto(origin);
    await isLive();
    await page.route('**/?q=jira', (route) => route.fulfill({ status: 503, body: 'later' }));
    await page.getByLabel('Search servers and tools').fill('jira');
    await said(page, 'The registry does not answer.');
    await page.unroute('**/?q=jira');
    pages.tell({ name: 'a', address: 'a' });
    await said(page, '28 servers found.');
  });
});

check('the page says that its server was removed, and stops listening', async () => {
  await withPage({}, async (page) => {
    await page.goto(`${origin}/servers/moved`);
    await isLive();
    const moved = SERVERS.moved?.();
    delete pages.servers.moved;
    pages.tell({ name: 'moved', address: moved?.server.address ?? '' });
    await said(page, 'No such server');
    await until(() => pages.listening === 0, 'the page listens no longer');
  });
});

check('a tool is switched off by keyboard alone, after saying why', async () => {
  await withPage({}, async (page) => {
    await page.goto(`${origin}/servers/moved`);
    const passed: string[] = [];
    const reach = async (name: string) => {
      for (let steps = 0; (await focused(page)) !== name && steps < 40; steps += 1) {
        await page.keyboard.press('Tab');
        passed.push(await focused(page));
        const outline = await page.evaluate('getComputedStyle(document.activeElement).outlineStyle');
        assert.is(outline, 'solid', `${passed.at(-1)} shows that it has the focus`);
      }
      assert.is(await focused(page), name, passed.join(', '));
    };
    await reach('To the content');
    await page.keyboard.press('Enter');
    assert.is(await focused(page), 'main');
    while (!(await focused(page)).startsWith('jira.create')) await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    await reach('Disable…');
    await page.keyboard.press('Enter');
    await page.keyboard.press('Tab');
    await page.keyboard.press('Escape');
    assert.is(await focused(page), 'Disable…', 'Escape takes it back');
    await page.keyboard.press('Enter');
    await page.keyboard.press('Tab');
    await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    assert.equal(pages.sent, [], 'not without a reason');
    await page.keyboard.type('It times out.');
    await page.keyboard.press('Tab');
    assert.is(await focused(page), 'Disable jira.create');
    // The answer is shown by loading the page once more; a context that ends meanwhile may never end in Chromium.
    const loaded = page.waitForEvent('load');
    await page.keyboard.press('Enter');
    await page.waitForURL(`${origin}/servers/moved#tool-jira.create`);
    await loaded;
  });
  assert.equal(pages.sent, [
    {
      path: '/servers/moved/tools/jira.create/switch',
      fields: {
        csrf: VISITOR.csrf,
        address: 'https://moved.example.com/.well-known/mcp-capabilities',
        enabled: 'false',
        tool: 'jira.create',
        reason: 'It times out.',
      },
    },
  ]);
});

check('the curl line is copied as it is', async () => {
  await withPage({ permissions: ['clipboard-read', 'clipboard-write'] }, async (page) => {
    await page.goto(`${origin}/servers/data-warehouse`);
    await page.getByRole('heading', { name: 'postgres.readonly' }).click();
    await page.getByRole('button', { name: 'Copy' }).click();
    await said(page, 'Copied.');
    const copied = await page.evaluate<string>('navigator.clipboard.readText()');
    assert.match(copied, /^curl -s https:\/\/data-warehouse\.example\.com\/mcp \\\n {2}-H "authorization/);
    assert.is(copied, await page.locator('pre code').first().innerText());
  });
});

check('without JavaScript everything is still there', async () => {
  await withPage({ javaScriptEnabled: false }, async (page) => {
    await page.goto(`${origin}/?owner=Platform+Data%2C+%23platform-data`);
    await page.getByLabel('Search servers and tools').fill('jira.create');
    await page.getByRole('button', { name: 'Search' }).click();
    await page.getByText('20 servers found').first().waitFor();
    assert.match(page.url(), /q=jira\.create&owner=Platform/);
    await page.getByRole('link', { name: /^Off/ }).waitFor({ state: 'detached' });
    await page.goto(`${origin}${JIRA}`);
    assert.is(await page.getByRole('button', { name: 'Copy' }).count(), 0);
    await page.locator('.held textarea').fill('Read and agreed.');
    await page.getByRole('button', { name: 'Accept jira.create as it is now' }).click();
    await page.locator('details#remove summary').click();
    await page.getByRole('button', { name: 'Remove internal/jira' }).click();
    await page.getByRole('button', { name: 'Check now' }).click();
    await page.getByRole('button', { name: 'Sign out' }).click();
  });
  assert.equal(
    pages.sent.map(({ path, fields }) => [path, fields.reason]),
    [
      [`${JIRA}/tools/jira.create/accept`, 'Read and agreed.'],
      [`${JIRA}/remove`, undefined],
      [`${JIRA}/validate`, undefined],
      ['/sign-out', undefined],
    ],
  );
});

test.run();
