/** The pages in a real browser with JavaScript off, on a desktop and at 375 px. */
import { createServer } from 'node:http';
import { join } from 'node:path';
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { close, listen } from '../../src/wire/http/listener.js';
import { leastHeight } from '../interop/browser.js';
import { PERSON } from '../support/person.js';
import { findProgram, reportSkip } from '../support/programs.js';
import {
  authorizationUrl,
  DESTRUCTIVE,
  pkce,
  post,
  READONLY,
  REGISTRY,
  type Running,
  register,
  run,
} from './running.js';

const CHROMIUM = ['chromium', 'chromium-browser', 'google-chrome']
  .map((name) => findProgram(name))
  .find(Boolean);
const WIDTHS = [1280, 375];
/** Where pictures of the pages go, for anyone who wants to look at them. */
const SHOTS = process.env.BAREWIRE_TEST_SHOTS;

const test = suite('authserver/pages');
const check = CHROMIUM === undefined ? test.skip : test;
if (CHROMIUM === undefined) reportSkip('authserver/pages', 'there is no chromium here');

let browser: Browser;
let server: Running;
test.before(async () => {
  server = await run();
  if (CHROMIUM === undefined) return;
  browser = await chromium.launch({ executablePath: CHROMIUM, args: ['--no-sandbox'] });
});
test.after(async () => {
  await Promise.all([server?.close(), browser?.close()]);
});

async function withPage(width: number, use: (page: Page) => Promise<void>): Promise<void> {
  const context: BrowserContext = await browser.newContext({
    javaScriptEnabled: false,
    viewport: { width, height: 800 },
  });
  const complaints: string[] = [];
  const page = await context.newPage();
  page.on('console', (message) => complaints.push(message.text()));
  try {
    await use(page);
  } finally {
    await context.close();
  }
  // The console reports violations of the page's policy, and resources that could not be loaded.
  assert.equal(
    complaints.filter((one) => !/status of (400|404)/.test(one)),
    [],
  );
}

/** What holds for every page. */
async function inspect(page: Page, name: string): Promise<void> {
  const { width = 0 } = page.viewportSize() ?? {};
  if (SHOTS !== undefined)
    await page.screenshot({ path: join(SHOTS, `${name}-${width}.png`), fullPage: true });
  assert.is(await page.locator('h1').count(), 1, `${name} has one h1`);
  assert.is(await page.locator('html').getAttribute('lang'), 'en');
  assert.match(await page.locator('.dev').innerText(), /development only/);
  assert.is(await page.locator('script').count(), 0);
  const wide = await page.evaluate('document.documentElement.scrollWidth');
  assert.is(wide, width, `${name} fits in ${width} px`);
  for (const input of await page.locator('input:not([type=hidden])').all()) {
    const id = await input.getAttribute('id');
    assert.is(await page.locator(`label[for="${id}"]`).count(), 1, `${name}: ${id} has a label`);
  }
  for (const button of await page.locator('button').all()) {
    const box = await button.boundingBox();
    assert.ok((box?.height ?? 0) >= leastHeight(page), `${name}: every button is large enough`);
  }
}

async function signIn(page: Page, password = PERSON.password): Promise<void> {
  await page.getByLabel('E-mail address').fill(PERSON.login);
  await page.getByLabel('Password').fill(password);
  await page.getByRole('button', { name: 'Sign in' }).click();
}

const deviceRequest = async (scope: string, resource: string): Promise<string> => {
  const { body } = await post(`${server.issuer}/device_authorization`, { resource, scope });
  return String(body.verification_uri_complete);
};

/** A client on loopback whose callback leads on to yet another origin, as many do when they have the code. */
async function withClient(use: (callback: string, arrived: string[]) => Promise<void>): Promise<void> {
  const arrived: string[] = [];
  const thanks = createServer((_request, response) => response.end('thanks'));
  const thanksPort = await listen(thanks, 0, '127.0.0.1');
  const client = createServer((request, response) => {
    if (request.url?.startsWith('/callback') === true) arrived.push(request.url);
    response.writeHead(302, { location: `http://127.0.0.1:${thanksPort}/` }).end();
  });
  try {
    await use(`http://127.0.0.1:${await listen(client, 0, '127.0.0.1')}/callback`, arrived);
  } finally {
    await Promise.all([close(client, 0), close(thanks, 0)]);
  }
}

for (const width of WIDTHS) {
  check(`signing in and allowing leads to the client at ${width} px, without JavaScript`, async () => {
    await withClient(async (callback, arrived) => {
      const client = await register(server.issuer, {
        redirect_uris: [callback],
        client_name: 'A <b>client</b> with a rather long name of its own choosing',
      });
      await withPage(width, async (page) => {
        await page.goto(
          authorizationUrl(server.issuer, client, pkce(), {
            redirect_uri: callback,
            resource: READONLY,
            scope: 'postgres:query:readonly openid',
          }),
        );
        await inspect(page, 'login');
        await signIn(page, 'wrong');
        assert.is(await page.getByRole('alert').innerText(), 'The password is wrong.');
        await inspect(page, 'login-wrong');
        await signIn(page);
        await inspect(page, 'consent');
        assert.match(await page.locator('h1').innerText(), /<b>client<\/b>/);
        assert.match(await page.locator('main').innerText(), /This client runs on this machine/);
        await page.getByRole('button', { name: 'Allow' }).click();
        assert.is(await page.locator('body').innerText(), 'thanks');
        assert.is(arrived.length, 1);
        assert.match(arrived[0] ?? '', /[?&]code=/);
      });
    });
  });

  check(
    `an approval names the client and every effect at ${width} px, and a keyboard is enough`,
    async () => {
      await withPage(width, async (page) => {
        await page.goto(await deviceRequest('jira:write incidents:write approved:by:human', DESTRUCTIVE));
        await inspect(page, 'device-compare');
        await page.getByRole('button', { name: 'Yes, continue' }).press('Enter');
        // The order of the Tab key is the order of reading.
        await page.getByLabel('E-mail address').focus();
        await page.keyboard.type(PERSON.login);
        await page.keyboard.press('Tab');
        await page.keyboard.type(PERSON.password);
        await page.keyboard.press('Tab');
        await page.keyboard.press('Enter');
        await page.getByRole('heading', { name: /^Approve/ }).waitFor(); // a key, unlike a click, waits for no page
        await inspect(page, 'approve');
        const text = await page.locator('main').innerText();
        assert.match(text, /Your approval is asked for/);
        assert.match(text, /Create a Jira issue \(jira\.create\)\s+Creates an issue/);
        assert.match(text, /Acknowledge an incident \(incidents\.ack\)\s+Acknowledges an open incident/);
        assert.match(text, /curl, as the demo client/);
        await page.getByRole('button', { name: 'Approve' }).focus();
        await page.keyboard.press('Enter');
        await page.getByRole('heading', { name: 'Done' }).waitFor();
        await inspect(page, 'device-done');
      });
    },
  );

  check(`an error is a page that says so at ${width} px`, async () => {
    await withPage(width, async (page) => {
      await page.goto(`${server.issuer}/device`);
      await inspect(page, 'device');
      await page.getByLabel(/The code/).fill('BBBB-BBBB');
      await page.getByRole('button', { name: 'Continue' }).click();
      assert.match(await page.getByRole('alert').innerText(), /There is no such code/);
      await inspect(page, 'device-wrong');

      await page.goto(await deviceRequest('registry:read', REGISTRY));
      await page.getByRole('button', { name: 'No, refuse it' }).click();
      assert.is(await page.locator('h1').innerText(), 'Refused');
      await inspect(page, 'device-refused');

      await page.goto(`${server.issuer}/interaction/nobody-knows-this`);
      assert.match(await page.locator('h1').innerText(), /expired/);
      await inspect(page, 'expired');

      const client = await register(server.issuer);
      await page.goto(
        authorizationUrl(server.issuer, client, pkce(), { redirect_uri: 'https://elsewhere.example/' }),
      );
      assert.match(await page.getByRole('alert').innerText(), /redirect_uri/);
      await inspect(page, 'bad-redirect');

      for (const [path, name] of [
        ['/', 'home'],
        ['/signout', 'signout'],
        ['/nothing', 'not-found'],
      ] as const) {
        await page.goto(`${server.issuer}${path}`);
        await inspect(page, name);
      }
    });
  });
}

test.run();
