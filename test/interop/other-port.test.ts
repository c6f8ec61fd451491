/**
 * Browsers send the cookies of a host to each of its ports (RFC 6265, section 8.5), so a program on another port of this machine gets the
 * cookies of the services, through a real browser. None of it may decide anything in the person's name.
 */
import { createServer } from 'node:net';
import type { BrowserContext, Page } from 'playwright-core';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { modernCall } from '../http/wire.js';
import { type Governed, type Guarded, startGoverned } from '../support/governed.js';
import { PERSON, tokenFor } from '../support/person.js';
import { browserFor, closeBrowser, openContext } from './browser.js';
import { OtherProgram } from './other-port.js';

const test = suite('interop/other-port');
const browsed = browserFor('interop/other-port') ? test : test.skip;
const DEVICE_GRANT = 'urn:ietf:params:oauth:grant-type:device_code';
const SECRET_WORDS = 'Move the payroll to Tuesday';

let running: Governed;
let issuer: string;
let program: Guarded;
let thief: OtherProgram;
let context: BrowserContext;
let page: Page;
test.before(async () => {
  running = await startGoverned();
  issuer = running.addresses.authserver ?? '';
  const { url } = running.destructive;
  program = { url, token: await tokenFor({ issuer, resource: url.href, scope: 'jira:write' }) };
});
test.before.each(async () => {
  thief = new OtherProgram();
  await thief.open();
  if (!browserFor('interop/other-port')) return;
  context = await openContext();
  page = await context.newPage();
});
test.after.each(async () => {
  await context?.close();
  await thief.close();
});
test.after(async () => {
  await closeBrowser();
  await running.close();
});

const pages = (): string => running.destructive.url.origin;
async function call(summary: string): Promise<{ status: number; text: string; approval: string }> {
  const { headers, body } = modernCall('jira.create', {}, 1, { project: 'OPS', type: 'Task', summary });
  const response = await fetch(program.url, {
    method: 'POST',
    headers: {
      ...headers,
      'content-type': 'application/json',
      accept: 'application/json, text/event-stream',
      authorization: `Bearer ${program.token}`,
    },
    body,
  });
  const text = await response.text();
  return { status: response.status, text, approval: /"url":"([^"]+)"/.exec(text)?.[1] ?? '' };
}

/** Signs in where the page leads, with the password, and allows what is asked. */
async function signIn(button: 'Allow' | 'Approve' = 'Allow'): Promise<void> {
  await page.getByLabel('E-mail address').fill(PERSON.login);
  await page.getByLabel('Password').fill(PERSON.password);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.getByRole('button', { name: button, exact: true }).click();
}

/** The browser comes by, at every path that any of the services sets cookies for. */
async function lure(...more: string[]): Promise<void> {
  const other = await context.newPage();
  for (const path of ['/', '/approvals', '/approvals/x', '/servers/x', '/authorize', '/device', ...more])
    await other.goto(thief.at(path));
  await other.close();
}

async function deviceCode(): Promise<{ address: string; code: string }> {
  const response = await fetch(`${issuer}/device_authorization`, {
    method: 'POST',
    headers: { authorization: `Basic ${btoa('demo:demo-secret')}` },
    body: new URLSearchParams({
      resource: running.destructive.url.href,
      scope: 'jira:write approved:by:human',
    }),
  });
  const body = (await response.json()) as { verification_uri_complete: string; device_code: string };
  return { address: body.verification_uri_complete, code: body.device_code };
}

async function redeem(code: string): Promise<string> {
  const response = await fetch(`${issuer}/token`, {
    method: 'POST',
    headers: { authorization: `Basic ${btoa('demo:demo-secret')}` },
    body: new URLSearchParams({ grant_type: DEVICE_GRANT, device_code: code }),
  });
  const { error, scope } = (await response.json()) as { error?: string; scope?: string };
  return error ?? scope ?? '';
}

browsed(
  'a program on another port cannot approve its own device code with the cookies of the browser',
  async () => {
    // The person has approved something of their own before, and so has a session at the authorization server.
    const own = await deviceCode();
    await page.goto(own.address);
    await page.getByRole('button', { name: 'Yes, continue' }).click();
    await signIn('Approve');
    await page.getByRole('heading', { name: 'Done' }).waitFor();
    assert.match(await redeem(own.code), 'approved:by:human');
    await lure();
    assert.ok(thief.cookies.has('authserver_session'), 'the browser hands the cookie to another port');
    const stolen = await deviceCode();
    await thief.press(stolen.address);
    assert.is(await redeem(stolen.code), 'authorization_pending');
  },
);

browsed('a program on another port cannot approve what the person has just signed in for', async () => {
  const own = await deviceCode();
  await page.goto(own.address);
  await page.getByRole('button', { name: 'Yes, continue' }).click();
  await page.getByLabel('E-mail address').fill(PERSON.login);
  await page.getByLabel('Password').fill(PERSON.password);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.getByRole('button', { name: 'Approve', exact: true }).waitFor();
  // Even where the address has been learnt: its cookies come along to the same path of another port.
  const { pathname } = new URL(page.url());
  await lure(pathname, pathname.replace('/interaction', '/device'));
  assert.ok(thief.cookies.has('authserver_interaction'));
  await thief.press(page.url());
  assert.is(await redeem(own.code), 'authorization_pending');
  await page.getByRole('button', { name: 'Approve', exact: true }).click();
  await page.getByRole('heading', { name: 'Done' }).waitFor();
});

browsed('a program on another port can neither read nor approve a call on the approval pages', async () => {
  const { approval } = await call(SECRET_WORDS);
  await page.goto(approval);
  await signIn();
  await page.getByText(SECRET_WORDS).first().waitFor();
  await lure(new URL(approval).pathname);
  const seen = await thief.press(approval, { comment: 'by nobody' });
  seen.push(await thief.go(approval, new URLSearchParams({ verdict: 'approve', comment: '' })));
  assert.equal(
    seen.filter(({ text }) => text.includes(SECRET_WORDS)).map(({ url }) => url),
    [],
    'the content of the call stays with the person',
  );
  assert.is((await call(SECRET_WORDS)).status, 403);
  // The person can.
  await page.getByRole('button', { name: 'Approve' }).click();
  await page.getByText('Approved by').waitFor();
  assert.is((await call(SECRET_WORDS)).status, 200);
});

browsed(
  'a program on another port cannot sign in to the approval pages in the name of the person',
  async () => {
    const { approval } = await call('Sign in as somebody');
    await page.goto(approval);
    await signIn();
    await page.getByRole('button', { name: 'Approve' }).waitFor();
    await lure();
    for (const name of [...thief.cookies.keys()]) if (!/^authserver_/.test(name)) thief.cookies.delete(name);
    const to = new URL(approval).pathname;
    await thief.press(`${pages()}/approvals/sign-in?${new URLSearchParams({ to })}`, { comment: '' });
    const begun = await thief.go(`${pages()}/approvals/sign-in`, new URLSearchParams({ to }));
    const [, address] = /"url":"([^"]+)"/.exec(begun.text) ?? [];
    if (address !== undefined) await thief.press(address);
    await thief.press(approval, { comment: 'by nobody' });
    assert.is((await call('Sign in as somebody')).status, 403);
  },
);

browsed('a program on another port cannot switch a tool off in the registry', async () => {
  const { origin } = running.registry.url;
  const address = `${origin}/servers/internal-readonly-mcp`;
  await page.goto(address);
  await page.getByRole('link', { name: 'Sign in to switch' }).click();
  await signIn();
  await page.getByText(PERSON.login).waitFor();
  await lure();
  const { text } = await thief.go(address);
  const csrf = /name="csrf" value="([^"]+)"/.exec(text)?.[1] ?? '';
  assert.is(csrf, '', 'no form is shown to it');
  const fields = { csrf, enabled: 'false', tool: 'jira.search', reason: 'by nobody' };
  await thief.go(`${address}/tools/jira.search/switch`, new URLSearchParams(fields));
  const answer = await fetch(`${origin}/api/servers/internal-readonly-mcp`);
  assert.not.match(await answer.text(), 'by nobody');
});

test('no other program can listen where a service is localhost to a browser', async () => {
  for (const address of Object.values(running.addresses)) {
    const { port, hostname } = new URL(address);
    assert.is(hostname, 'localhost');
    for (const host of ['127.0.0.1', '::1']) {
      const taken = createServer();
      const code = await new Promise((resolve) => {
        taken.once('error', (error: NodeJS.ErrnoException) => resolve(error.code));
        taken.listen(Number(port), host, () => resolve('it listens'));
      });
      taken.close();
      // A machine may have no IPv6.
      assert.ok(code === 'EADDRINUSE' || code === 'EADDRNOTAVAIL', `${host}:${port}: ${code}`);
    }
  }
});

test.run();
