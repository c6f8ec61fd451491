/**
 * A call that waits, the client that made it, and a person who decides in a real browser: the services as `npm start` runs
 * them, and clients that nobody here wrote. BAREWIRE_TEST_SHOTS names a folder for pictures of what the person sees.
 */
import { join } from 'node:path';
import { Client as ClientV1 } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport as HttpV1 } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import type { Page } from 'playwright-core';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { modernCall } from '../http/wire.js';
import { ApproverPerson } from '../support/approver.js';
import { bearing, type Governed, type Guarded, startGoverned } from '../support/governed.js';
import { PERSON, tokenFor } from '../support/person.js';
import { browserFor, closeBrowser, openContext } from './browser.js';
import { refusal, textOf } from './expectations.js';
import { type Form, openV1, openV2 } from './faces.js';

const test = suite('interop/approvals');
const browsed = browserFor('interop/approvals') ? test : test.skip;
const SHOTS = process.env.BAREWIRE_TEST_SHOTS;

let running: Governed;
/** A program's token: it may write, and nobody has approved anything. */
let program: Guarded;
test.before(async () => {
  running = await startGoverned({ sessions: 20 });
  const { authserver: issuer = '', destructive = '' } = running.addresses;
  const token = await tokenFor({ issuer, resource: destructive, scope: 'jira:write incidents:write' });
  program = { url: new URL(destructive), token };
});
test.after(async () => {
  await closeBrowser();
  await running.close();
});

const issue = (summary: string) => ({ project: 'OPS', type: 'Task', summary });

const REASON = 'Not on a Friday; ask again on Monday.';

/** Signs in, reads, writes a reason for a refusal, and presses; returns the text of the page before that. */
async function inBrowser(address: string, verdict: 'Approve' | 'Refuse', name: string): Promise<string> {
  const context = await openContext({ viewport: { width: 1280, height: 900 } });
  try {
    const page = await context.newPage();
    await page.goto(address);
    await page.getByLabel('E-mail address').fill(PERSON.login);
    await page.getByLabel('Password').fill(PERSON.password);
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByRole('button', { name: 'Allow' }).click();
    await page.waitForURL(address);
    await picture(page, `${name}-waits`);
    const seen = await page.locator('main').innerText();
    if (verdict === 'Refuse') await page.getByLabel('Reason').fill(REASON);
    await page.getByRole('button', { name: verdict }).click();
    await page.getByText(`${verdict === 'Approve' ? 'Approved' : 'Refused'} by`).waitFor();
    await picture(page, `${name}-decided`);
    return seen;
  } finally {
    await context.close();
  }
}

async function picture(page: Page, name: string): Promise<void> {
  if (SHOTS !== undefined)
    await page.screenshot({ path: join(SHOTS, `approval-${name}.png`), fullPage: true });
}

const steps = async (tool = 'jira.create') =>
  (await running.records('destructive'))
    .filter((record) => record.tool === tool)
    .map(({ kind, outcome }) => [kind, outcome].filter(Boolean).join(' '));

browsed(
  'version 2 is asked to open a page, a person approves there, and the waiting call completes',
  async () => {
    const face = await openV2(program);
    let person: Promise<string> | undefined;
    face.answer = ({ url = '' }: Form) => {
      person ??= inBrowser(url, 'Approve', 'v2');
      return { action: 'accept' };
    };
    const before = (await steps()).length;
    const result = await face.call('jira.create', issue('Approved in a browser'));
    assert.match(textOf(result), 'Approved in a browser');
    const seen = (await person) ?? '';
    for (const part of ['demo', 'jira.create', 'OPS', 'Approved in a browser']) assert.match(seen, part);
    assert.equal(face.asked[0], 'jira.create changes something: a person has to approve this call.');
    const left = (await steps()).slice(before);
    assert.ok(left.indexOf('approval shown') < left.indexOf('approval approved'));
    assert.equal(
      left.filter((step) => step !== 'outcome input_required' && step !== 'approval shown'),
      ['approval asked', 'approval approved', 'approval consumed', 'intent', 'outcome ok'],
    );
    await face.close();
  },
);

browsed(
  'a legacy client in a session is asked to open the page, and its call goes on once it is approved',
  async () => {
    const face = await openV1(program);
    let person: Promise<string> | undefined;
    face.answer = ({ url = '' }: Form) => {
      person ??= inBrowser(url, 'Approve', 'v1');
      return { action: 'accept' };
    };
    const result = await face.call('jira.create', issue('Approved for version 1'));
    assert.match(textOf(result), 'Approved for version 1');
    await person;
    await face.close();
  },
);

for (const [name, open] of [
  ['version 2', openV2],
  ['version 1', openV1],
] as const)
  browsed(`a person who refuses ends the call of ${name}, which reads the reason`, async () => {
    const face = await open(program);
    let person: Promise<string> | undefined;
    face.answer = ({ url = '' }: Form) => {
      person ??= inBrowser(url, 'Refuse', 'refused');
      return { action: 'accept' };
    };
    const { message } = await refusal(face.call('jira.create', issue(`Refused in a browser, ${name}`)));
    assert.ok(message.includes(`a person refused this call: ${REASON}`), message);
    await person;
    await face.close();
  });

test('a legacy client that cannot be asked reads the page from its refusal, and sends the same call again', async () => {
  const { url, options } = bearing(program);
  const client = new ClientV1({ name: 'plain', version: '1' });
  await client.connect(new HttpV1(url, options) as Parameters<ClientV1['connect']>[0]);
  const call = () => client.callTool({ name: 'jira.create', arguments: issue('By way of the message') });
  const { message } = await refusal(call());
  const [page = ''] = /http:\/\/[^"]+\/approvals\/[\w-]+/.exec(message) ?? [];
  const { authserver = '' } = running.addresses;
  const approver = new ApproverPerson(program.url.origin, authserver);
  const decided = await approver.decide(page);
  assert.match(decided.text, /Approved by <strong>amara\.patel1@example\.com/);
  assert.match(textOf((await call()) as { content: unknown }), 'By way of the message');
  // It was for once.
  assert.match((await refusal(call())).message, /a person must approve this call: http/);
  await client.close();
});

test('where only tokens bring approvals there is no page to open', async () => {
  const strict = await startGoverned({ approval: 'token' });
  const { authserver: issuer = '', destructive = '' } = strict.addresses;
  const token = await tokenFor({ issuer, resource: destructive, scope: 'jira:write' });
  const { body, headers } = modernCall('jira.create', {}, 1, issue('By token only'));
  const sent = { authorization: `Bearer ${token}`, 'content-type': 'application/json', ...headers };
  const refused = await fetch(destructive, { method: 'POST', headers: sent, body });
  const { error } = (await refused.json()) as { error: { data: { scope: string; approval?: unknown } } };
  assert.equal(
    [refused.status, error.data.scope, error.data.approval],
    [403, 'jira:write approved:by:human', undefined],
  );
  assert.is((await fetch(new URL('/approvals', destructive))).status, 404);
  await strict.close();
});

test('a token of the client opens no page: only a person who has signed in decides', async () => {
  const { body, headers } = modernCall('jira.create', {}, 1, issue('Approved by itself'));
  const asked = await fetch(program.url, {
    method: 'POST',
    headers: { authorization: `Bearer ${program.token}`, 'content-type': 'application/json', ...headers },
    body,
  });
  const { error } = (await asked.json()) as { error: { data: { approval: { id: string; url: string } } } };
  const { url, id } = error.data.approval;
  const authorization = `Bearer ${program.token}`;
  for (const scope of ['approvals:decide', 'jira:write approvals:decide']) {
    const { authserver: issuer = '', destructive: resource = '' } = running.addresses;
    const refused = await tokenFor({ issuer, resource, scope }).catch((error: Error) => error.message);
    assert.match(String(refused), /invalid_scope/, 'no program is given the scope');
    const device = await tokenFor({ issuer, resource, scope, isApproved: true }).catch(
      (error: Error) => error.message,
    );
    assert.match(String(device), /invalid_scope/, 'nor with a person');
  }
  const looked = await fetch(url, { headers: { authorization }, redirect: 'manual' });
  assert.is(looked.headers.get('barewire-session'), 'none', 'no session, whatever the token');
  assert.not.match(await looked.text(), 'Approved by itself');
  const pressed = await fetch(url, {
    method: 'POST',
    headers: {
      authorization,
      origin: program.url.origin,
      'content-type': 'application/x-www-form-urlencoded',
    },
    body: 'verdict=approve&csrf=x',
    redirect: 'manual',
  });
  assert.is(pressed.status, 403);
  const records = await running.records('destructive');
  assert.equal(
    records.filter(({ approvalId }) => approvalId === id).map(({ kind, outcome }) => [kind, outcome]),
    [
      ['approval', 'asked'],
      ['refused', 'refused'],
    ],
  );
});

test.run();
