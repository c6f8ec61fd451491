/** The services as they run, with a receiver on loopback instead of Slack: a card arrives, its button is pressed, the call runs. */
import { createHmac } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { modernCall } from '../http/wire.js';
import { freePort } from '../support/free-port.js';
import { type Governed, startGoverned } from '../support/governed.js';
import { tokenFor } from '../support/person.js';
import { until } from '../support/until.js';

const test = suite('interop/approval-slack');

const SECRET = 'a secret of this test';
const folder = mkdtempSync(join(tmpdir(), 'approval-slack-'));
const approversFile = join(folder, 'approvers.json');
const posted: { path: string; body: string }[] = [];
const receiver = createServer(async (request: IncomingMessage, response) => {
  let body = '';
  for await (const part of request.setEncoding('utf8')) body += String(part);
  posted.push({ path: request.url ?? '', body });
  response.end('ok');
});
let running: Governed;
let slackUrl = '';
test.before(async () => {
  await new Promise<void>((resolve) => receiver.listen(0, '127.0.0.1', resolve));
  slackUrl = `http://127.0.0.1:${(receiver.address() as AddressInfo).port}`;
  const authserverPort = await freePort();
  // An approver decides what was asked in their own tenant of their own issuer.
  const bob = { issuer: `http://localhost:${authserverPort}`, user: 'bob', tenant: 'demo' };
  writeFileSync(approversFile, JSON.stringify({ U1: bob, U2: { ...bob, tenant: 'elsewhere' } }));
  const slackRoutes = join(folder, 'routes.json');
  writeFileSync(slackRoutes, JSON.stringify({ routes: [{ issuer: bob.issuer, tenant: 'demo' }] }));
  running = await startGoverned({
    authserverPort,
    slackWebhookUrl: `${slackUrl}/hook`,
    slackSigningSecret: SECRET,
    slackApprovers: approversFile,
    slackRoutes,
  });
});
test.after(async () => {
  await running.close();
  receiver.closeAllConnections();
  receiver.close();
  rmSync(folder, { recursive: true });
});

test('a call waits, its card is posted, the button approves it, and the same call runs', async () => {
  const { authserver: issuer = '', destructive: resource = '' } = running.addresses;
  const token = await tokenFor({ issuer, resource, scope: 'jira:write' });
  const args = { project: 'OPS', type: 'Task', summary: 'Approved in Slack' };
  const { body, headers } = modernCall('jira.create', {}, 1, args);
  const call = async () =>
    (
      await fetch(resource, {
        method: 'POST',
        headers: { ...headers, authorization: `Bearer ${token}`, 'content-type': 'application/json' },
        body,
      })
    ).status;
  assert.is(await call(), 403);
  await until(() => posted.length === 1);
  assert.is(posted[0]?.path, '/hook');
  const [, id = ''] = /"value":"([\w-]+)"/.exec(posted[0]?.body ?? '') ?? [];
  const press = (key: string, slackUser = 'U1') => {
    const payload = {
      type: 'block_actions',
      user: { id: slackUser },
      actions: [{ action_id: 'approve', value: id }],
      response_url: `${slackUrl}/actions`,
    };
    const form = `payload=${encodeURIComponent(JSON.stringify(payload))}`;
    const timestamp = String(Math.floor(Date.now() / 1_000));
    const signature = `v0=${createHmac('sha256', key).update(`v0:${timestamp}:${form}`).digest('hex')}`;
    return fetch(new URL('/slack/interactions', resource), {
      method: 'POST',
      headers: {
        'content-type': 'application/x-www-form-urlencoded',
        'x-slack-request-timestamp': timestamp,
        'x-slack-signature': signature,
      },
      body: form,
    });
  };
  assert.is((await press('another secret')).status, 401);
  assert.is(await call(), 403);
  assert.is((await press(SECRET, 'U2')).status, 200);
  await until(() => posted.length === 2);
  assert.not.match(posted[1]?.body ?? '', 'Approved by bob');
  assert.is(await call(), 403);
  assert.is((await press(SECRET)).status, 200);
  await until(() => posted.length === 3);
  assert.match(posted[2]?.body ?? '', 'Approved by bob');
  assert.is(await call(), 200);
  const steps = (await running.records('destructive')).filter(({ kind }) => kind === 'approval');
  assert.equal(
    steps.map(({ outcome, principal }) => [outcome, principal?.user, principal?.clientId]),
    [
      ['asked', 'demo', 'demo'],
      ['approved', 'bob', 'slack'],
      ['consumed', 'demo', 'demo'],
    ],
  );
});

test('half of the settings is refused at the start, with what is missing', async () => {
  const half = await startGoverned({ slackWebhookUrl: `${slackUrl}/hook` }).catch(
    (error: Error) => error.message,
  );
  assert.match(
    String(half),
    /Slack needs all of SLACK_WEBHOOK_URL \(or SLACK_ROUTES\), SLACK_SIGNING_SECRET and SLACK_APPROVERS/,
  );
  writeFileSync(approversFile, '{"bob":{}}');
  const given = { slackWebhookUrl: slackUrl, slackSigningSecret: SECRET, slackApprovers: approversFile };
  const odd = await startGoverned(given).catch((error: Error) => error.message);
  assert.match(String(odd), /--slack-approvers .*approvers\.json: expected the id of a Slack user/);
  const bob = { issuer: 'http://localhost:1/', user: 'bob', tenant: 'demo' };
  writeFileSync(approversFile, JSON.stringify({ U1: bob }));
  const slash = await startGoverned({ ...given, issuers: ['http://localhost:1'] }).catch(String);
  assert.match(String(slash), /received "http:\/\/localhost:1\/"; the nearest is "http:\/\/localhost:1"/);
});

test.run();
