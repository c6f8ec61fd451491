/**
 * Approvers in a real browser, with the real authorization server: they sign in, read and decide, on a desktop and on a
 * telephone, by mouse and by keyboard. Without JavaScript they read why it is needed.
 */
import { randomBytes } from 'node:crypto';
import { createServer } from 'node:http';
import { join } from 'node:path';
import type { BrowserContextOptions, Page } from 'playwright-core';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { createMemoryState } from '../../src/cluster/state/memory-state.js';
import type { Approval } from '../../src/governance/approval/approval.js';
import { createApproverPages } from '../../src/governance/approval/web/approver.js';
import { createVerifier } from '../../src/oauth/verifier.js';
import { now } from '../../src/wire/clock.js';
import { close, listen } from '../../src/wire/http/listener.js';
import { createSealer } from '../../src/wire/server/sealer.js';
import { type Running, run } from '../authserver/running.js';
import {
  browserFor,
  checkReadable,
  closeBrowser,
  withPage as inPage,
  leastHeight,
} from '../interop/browser.js';
import { PERSON } from '../support/person.js';
import { MemoryApprovals } from './memory-approvals.js';

const test = suite('approver/browser');
const check = browserFor('approver/browser') ? test : test.skip;
const WIDTHS = [1280, 375];
/** Where pictures of the pages go, for anyone who wants to look at them. */
const SHOTS = process.env.BAREWIRE_TEST_SHOTS;
const TOOL = {
  name: 'jira.create',
  title: 'Create a Jira issue',
  description: 'Creates an issue with status To Do. Each call creates another issue.',
  scope: 'jira:write',
  destructive: true,
};
const LONG = {
  project: 'OPS',
  type: 'Incident',
  summary: 'Payments time out in eu-west-1 \u202eafter the deploy',
  account: 'p\u0430ypal',
  description: `First line\nSecond line with a link https://example.com/${'a'.repeat(90)}`,
  labels: ['payments', 'sev-2'],
  urgent: true,
  points: 5,
};
const SUMMARY = /^OPS · Incident · Payments time out/;

const errors: string[] = [];
let service: MemoryApprovals;
let origin: string;
let authserver: Running;
let stop: () => Promise<void>;

test.before(async () => {
  const server = createServer((request, response) => {
    const path = (request.url ?? '').split('?', 1)[0] ?? '';
    if (!pages.handle(request, response, path)) response.writeHead(404).end();
  });
  origin = `http://localhost:${await listen(server, 0, '127.0.0.1')}`;
  const resource = `${origin}/mcp`;
  const name = 'internal-destructive-mcp';
  authserver = await run({ resources: () => [{ resource, name, tools: [TOOL] }] });
  const { issuer } = authserver;
  service = new MemoryApprovals(now, true, issuer);
  const pages = createApproverPages({
    service,
    verifier: createVerifier({ issuers: [{ issuer }] }, resource),
    issuer,
    resource,
    origin,
    client: { id: 'barewire-approvals' },
    sealer: createSealer([randomBytes(32)], now),
    state: createMemoryState(now),
    clock: now,
    fourEyes: true,
    onError: (error, about) => errors.push(`${about}: ${error}`),
    describe: (tool) => (tool === TOOL.name ? TOOL : undefined),
  });
  stop = async () => {
    pages.close();
    await Promise.all([close(server, 200), authserver.close()]);
  };
});
test.before.each(() => service.approvals.clear());
test.after(async () => {
  await closeBrowser();
  await stop();
  assert.equal([errors, authserver.errors], [[], []]);
});

const ask = (given: Partial<Approval> = {}): Approval => service.ask({ args: LONG, ...given });

/** Refused where a test asks for it. */
const withPage = (given: BrowserContextOptions, use: (page: Page) => Promise<void>): Promise<void> =>
  inPage(given, use, /status of (403|404|409|410)/);

/** Opens a page, and signs in on the way. */
async function enter(page: Page, path: string, login = PERSON.login): Promise<void> {
  await page.goto(`${origin}${path}`);
  await page.getByLabel('E-mail address').fill(login);
  await page.getByLabel('Password').fill(PERSON.password);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.getByRole('heading', { level: 1, name: /^Allow access/ }).waitFor();
  await page.getByRole('button', { name: 'Allow' }).click();
  await page.waitForURL(`${origin}${path}`);
  await opened(page);
}

/** The content of an address arrives once the script has asked for it. */
const opened = (page: Page): Promise<void> => page.locator('form[action$=sign-out]').waitFor();

/** What holds for every page. */
async function inspect(page: Page, name: string): Promise<void> {
  const { width = 0 } = page.viewportSize() ?? {};
  if (SHOTS !== undefined) {
    await page.screenshot({ path: join(SHOTS, `approver-${name}-${width}.png`), fullPage: true });
  }
  assert.is(await page.locator('html').getAttribute('lang'), 'en');
  assert.match(await page.title(), /^\S.* - barewire approvals$/);
  const levels = await page.locator('h1, h2, h3, h4').evaluateAll((all) => all.map((one) => one.tagName));
  assert.equal(levels, [...levels].sort(), `${name}: no heading comes before its parent`);
  assert.is(levels.filter((level) => level === 'H1').length, 1, `${name} has one h1`);
  assert.is(await page.getByRole('main').count(), 1);
  assert.is(await page.getByRole('banner').count(), 1);
  for (const field of await page.locator('input:not([type=hidden]), textarea').all()) {
    const id = await field.getAttribute('id');
    assert.is(await page.locator(`label[for="${id}"]`).count(), 1, `${name}: ${id} has a label`);
  }
  for (const one of await page.locator('a, button, summary').all()) {
    assert.match(await one.innerText(), /\S/, `${name}: every button has a name`);
  }
  for (const button of await page.locator('button').all()) {
    const box = await button.boundingBox();
    assert.ok((box?.height ?? 0) >= leastHeight(page), `${name}: every button is large enough`);
  }
  for (const table of await page.locator('table').all()) {
    assert.is(await table.locator('caption').count(), 1, `${name}: each table has a caption`);
    assert.is(await table.locator('th:not([scope])').count(), 0, `${name}: each header has a scope`);
  }
  // axe needs a page that runs scripts.
  if (name !== 'no-script') await checkReadable(page, name);
  const ids = await page.locator('[id]').evaluateAll((all) => all.map((one) => one.id));
  assert.is(new Set(ids).size, ids.length, `${name}: an id is there once`);
}

for (const width of WIDTHS) {
  check(`a person signs in, reads and approves with a comment at ${width} px`, async () => {
    const { id } = ask();
    ask({ tool: 'incidents.ack', clientId: 'https://client.example/about.json', args: { id: 'INC-1' } });
    const colorScheme = width === 375 ? 'dark' : 'light';
    await withPage({ viewport: { width, height: 800 }, colorScheme }, async (page) => {
      await enter(page, '/approvals');
      assert.match(await page.locator('main').innerText(), /2 calls are waiting for a decision/);
      await inspect(page, 'list');
      await page.getByRole('link', { name: SUMMARY }).click();
      await page.getByRole('button', { name: 'Approve' }).waitFor();
      for (const name of ['Approve', 'Refuse'])
        for (const at of [0, 1e6]) {
          await page.evaluate(`scrollTo(0, ${at})`);
          const { y = -1, height = 0 } = (await page.getByRole('button', { name }).boundingBox()) ?? {};
          assert.ok(y > 0 && y + height <= 800, `${name} is in view, scrolled to ${at}`);
        }
      await inspect(page, 'one');
      const words = await page.locator('main').innerText();
      assert.match(words, /Payments time out in eu-west-1 U\+202Eafter the deploy/);
      assert.match(words, /Look closely.*account\s+pCyrillic \u0430ypal/s);
      await page.getByLabel('Reason').fill('Looks right.\nThe deploy was rolled back.');
      await page.getByRole('button', { name: 'Approve' }).click();
      await page.getByText('Approved by').waitFor();
      assert.is(page.url(), `${origin}/approvals/${id}`);
      assert.match(
        await page.locator('main').innerText(),
        /Approved by amara\.patel1@example\.com \(on this page\)/,
      );
      await inspect(page, 'approved');
      await page.getByRole('link', { name: 'incidents.ack' }).click();
      await page.getByRole('button', { name: 'Refuse' }).click();
      await page.getByText('Refused by').waitFor();
      assert.match(await page.locator('main').innerText(), /Nothing else is waiting for you/);
      await inspect(page, 'refused');
      await page.getByRole('link', { name: SUMMARY }).click();
      await page.getByText('Approved by').waitFor();
      await page.getByRole('link', { name: 'Pending approvals' }).click();
      await page.getByText('for a decision').first().waitFor();
      assert.match(await page.locator('main').innerText(), /No call is waiting for a decision/);
      await page.getByRole('link', { name: 'Decided' }).click();
      await page.getByText('2 decisions').waitFor();
      await page.getByRole('link', { name: 'incidents.ack 1' }).click();
      await page.getByText('1 of 2 decisions').waitFor();
      assert.is(page.url(), `${origin}/approvals?view=decided&tool=incidents.ack`);
      await inspect(page, 'decided');
      await page.getByRole('button', { name: 'Sign out' }).click();
      await page.getByRole('heading', { name: 'Signed out' }).waitFor();
      await inspect(page, 'signed-out');
      assert.equal(await page.evaluate('Object.keys(localStorage)'), []);
    });
    const { state, comment, decidedBy } = service.approvals.get(id) ?? {};
    assert.equal([state, comment], ['approved', 'Looks right.\nThe deploy was rolled back.']);
    assert.equal(decidedBy, { issuer: authserver.issuer, user: PERSON.login });
  });

  check(`an action that is not possible is a page that says so at ${width} px`, async () => {
    await withPage({ viewport: { width, height: 800 }, colorScheme: 'dark' }, async (page) => {
      const own = ask({ issuer: authserver.issuer, user: PERSON.login });
      await enter(page, `/approvals/${own.id}`);
      assert.match(await page.locator('main').innerText(), /somebody else has to decide/);
      await inspect(page, 'own');
      await page.goto(`${origin}/approvals/nothing`);
      await opened(page);
      await inspect(page, 'unknown');
      const old = ask({ expiresAt: Date.now() - 1_000 });
      await page.goto(`${origin}/approvals/${old.id}`);
      await opened(page);
      await inspect(page, 'expired');
      // Somebody else was faster, and this page does not know: it runs no script.
      const { id } = ask();
      await page.route('**/live.js', (route) => route.fulfill({ contentType: 'text/javascript', body: '' }));
      await page.goto(`${origin}/approvals/${id}`);
      await page.getByRole('button', { name: 'Approve' }).waitFor();
      const other = { issuer: authserver.issuer, user: 'dara.yilmaz7@example.com', tenant: 'demo' } as const;
      await service.decide(id, { ...other, via: 'slack' }, { approve: false, comment: 'Not today.' });
      await page.getByRole('button', { name: 'Approve' }).click();
      await page.getByRole('alert').waitFor();
      assert.match(await page.locator('main').innerText(), /Refused by dara\.yilmaz7@example\.com \(slack\)/);
      await inspect(page, 'too-late');
      await page.goto(`${origin}/approvals`);
      await opened(page);
      await inspect(page, 'empty');
    });
  });
}

check(
  'without JavaScript a person reads why these pages need it, and sees nothing of what waits',
  async () => {
    const { id } = ask();
    const looks = service.looks.length;
    await withPage({ javaScriptEnabled: false }, async (page) => {
      for (const path of ['/approvals', `/approvals/${id}`, '/approvals/sign-in']) {
        await page.goto(`${origin}${path}`);
        assert.match(await page.locator('main').innerText(), /These pages need JavaScript/);
        assert.not.match(await page.content(), /Payments time out/);
        await inspect(page, 'no-script');
      }
    });
    assert.is(service.looks.length, looks);
  },
);

check(
  'a page that is open when somebody else signs in in the same browser decides nothing for them',
  async () => {
    const { id } = ask();
    await withPage({}, async (page) => {
      await enter(page, `/approvals/${id}`);
      // As if from another window of the same browser.
      const other = await page.context().newPage();
      await other.goto(`${authserver.issuer}/signout`);
      await other.getByRole('button', { name: 'Sign out' }).click();
      await other.goto(`${origin}/approvals/sign-in?as=somebody-else`);
      await other.getByLabel('E-mail address').fill('dara.yilmaz7@example.com');
      await other.getByLabel('Password').fill(PERSON.password);
      await other.getByRole('button', { name: 'Sign in' }).click();
      await other.getByRole('button', { name: 'Allow' }).click();
      await opened(other);
      await page.getByRole('button', { name: 'Approve' }).click();
      await page.getByText('it was shown to another sign-in').waitFor();
    });
    assert.is(service.approvals.get(id)?.state, 'pending');
  },
);

check('a keyboard is enough, and the focus is always visible', async () => {
  const { id } = ask();
  await withPage({}, async (page) => {
    await enter(page, '/approvals');
    const focused = () => page.evaluate<string>('document.activeElement.textContent.trim()');
    // From the start of the page, in the order of reading.
    const passed: string[] = [];
    for (let steps = 0; !SUMMARY.test(await focused()) && steps < 10; steps += 1) {
      await page.keyboard.press('Tab');
      passed.push(await focused());
    }
    assert.equal(passed.slice(0, -1), [
      ...['To the content', 'Approvals', 'Sign out'],
      ...['Waiting', 'Asked by you', 'Decided'],
    ]);
    const outline = await page.evaluate('getComputedStyle(document.activeElement).outlineStyle');
    assert.is(outline, 'solid');
    await page.keyboard.press('Enter');
    await page.waitForURL(`${origin}/approvals/${id}`);
    await page.getByLabel('Reason').focus();
    await page.keyboard.type('By keyboard');
    await page.keyboard.press('Tab');
    assert.is(await focused(), 'Approve');
    await page.keyboard.press('Tab');
    assert.is(await focused(), 'Refuse');
    await page.keyboard.press('Enter');
    await page.getByText('Refused by').waitFor();
  });
  const { state, comment } = service.approvals.get(id) ?? {};
  assert.equal([state, comment], ['refused', 'By keyboard']);
});

check('an open list shows new requests and decisions, announces them, and keeps the focus', async () => {
  await withPage({}, async (page) => {
    await enter(page, '/approvals');
    const said = page.getByRole('status');
    assert.is(await said.innerText(), 'No call is waiting for a decision.');
    await page.evaluate(`document.body.setAttribute('data-same', '')`);
    const first = ask();
    await said.filter({ hasText: '1 call is waiting for a decision.' }).waitFor();
    const link = page.getByRole('link', { name: SUMMARY });
    await link.focus();
    ask({ tool: 'incidents.ack', args: { id: 'INC-1' } });
    await said.filter({ hasText: '2 calls are waiting for a decision.' }).waitFor();
    assert.is(await link.evaluate((one) => one.matches(':focus')), true);
    assert.match(await page.title(), /^2 to decide/);
    const other = { issuer: authserver.issuer, user: 'dara.yilmaz7@example.com', tenant: 'demo' } as const;
    await service.decide(first.id, { ...other, via: 'page' }, { approve: true, comment: '' });
    await said.filter({ hasText: '1 call is waiting for a decision.' }).waitFor();
    assert.is(await link.count(), 0);
    assert.is(await page.locator('body[data-same]').count(), 1, 'the page was not loaded again');
  });
});

check('an open request shows that somebody else has decided, and counts no further look', async () => {
  const { id } = ask();
  await withPage({}, async (page) => {
    await enter(page, `/approvals/${id}`);
    await page.getByLabel('Reason').fill('half a thought');
    const looks = (): number => service.looks.filter((one) => one.includes(`at ${id} `)).length;
    const before = looks();
    const answered = page.waitForResponse(`${origin}/approvals?request=${id}`);
    ask({ tool: 'incidents.ack' });
    await answered;
    assert.is(await page.getByLabel('Reason').inputValue(), 'half a thought');
    assert.is(looks(), before, 'another request is no reason to count a look at this one');
    const other = { issuer: authserver.issuer, user: 'dara.yilmaz7@example.com', tenant: 'demo' } as const;
    await service.decide(id, { ...other, via: 'page' }, { approve: false, comment: 'No.' });
    await page.getByRole('status').filter({ hasText: 'Refused.' }).waitFor();
    assert.match(await page.locator('main').innerText(), /Refused by dara\.yilmaz7@example\.com/);
    assert.is(await page.getByRole('button', { name: 'Approve' }).count(), 0);
    assert.is(await page.evaluate('document.activeElement.tagName'), 'H1');
  });
});

check('the caller signs out, and somebody else signs in and decides in the same browser', async () => {
  const { id } = ask({ issuer: authserver.issuer, user: PERSON.login });
  await withPage({}, async (page) => {
    await enter(page, `/approvals/${id}`);
    await page.goto(`${authserver.issuer}/signout`);
    await page.getByRole('button', { name: 'Sign out' }).click();
    await page.goto(`${origin}/approvals/${id}`);
    await page.getByRole('link', { name: 'Sign in as somebody else' }).click();
    await page.getByLabel('E-mail address').fill('dara.yilmaz7@example.com');
    await page.getByLabel('Password').fill(PERSON.password);
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByRole('button', { name: 'Allow' }).click();
    await page.getByRole('button', { name: 'Approve' }).click();
    await page.getByText('Approved by').waitFor();
  });
  assert.is(service.approvals.get(id)?.decidedBy?.user, 'dara.yilmaz7@example.com');
});

check('an open list of somebody who has signed out elsewhere says so', async () => {
  await withPage({}, async (page) => {
    await enter(page, '/approvals');
    await page.waitForLoadState('networkidle').catch(() => {});
    await page.evaluate(`localStorage.removeItem('approvals-session')`);
    ask();
    await page.getByRole('status').filter({ hasText: 'You are no longer signed in' }).waitFor();
  });
});

test.run();
