/** Which channel sees which tenant's calls, and which account files are refused at the start. */
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { readPeople } from '../../../src/app/approvals.js';
import { configure } from '../../../src/app/settings/config.js';
import type { AcceptedIssuers } from '../../../src/governance/approval/accounts.js';
import {
  createRoutes,
  readRoutes,
  readSlackApprovers,
  routeOfApprovers,
} from '../../../src/governance/approval/slack/routes.js';
import { createSlack } from '../../../src/governance/approval/slack/slack.js';
import { after } from '../../../src/wire/clock.js';
import { bench, CALL, NOON } from '../../approval/bench.js';

const test = suite('approver/slack/routes');

const A = 'https://a.example';
const B = 'https://b.example/';
const accepted: AcceptedIssuers = { issuers: [A, B], tenants: new Map([[B, ['beta']]]) };
const approver = (issuer: string, tenant: string, user = 'bob') => ({ issuer, user, tenant });
const HOOK = 'https://hooks.slack.com/services/one';
const OTHER = 'https://hooks.slack.com/services/two';

let folder: string;
test.before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'routes-'));
});
test.after(() => rm(folder, { recursive: true }));

async function file(name: string, content: unknown): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, typeof content === 'string' ? content : JSON.stringify(content), { mode: 0o600 });
  return path;
}
async function refusal(work: Promise<unknown>): Promise<string> {
  return work.then(
    () => 'nothing was refused',
    (error: unknown) => String(error),
  );
}
const settings = async (approvers: object, more: object = {}) =>
  configure({
    slackSigningSecret: 'secret',
    slackApprovers: await file('approvers.json', approvers),
    slackWebhookUrl: HOOK,
    ...more,
  });

test('a card is posted to the channel of its own tenant alone', async () => {
  const posted: string[] = [];
  const errors: string[] = [];
  const approvals = bench();
  const slack = createSlack({
    routes: createRoutes([
      { issuer: CALL.principal.issuer, tenant: 'acme', webhook: HOOK },
      { issuer: CALL.principal.issuer, tenant: 'beta', webhook: OTHER },
    ]),
    signingSecret: 'secret',
    approvers: new Map(),
    approvals,
    pageUrl: (id) => `https://mcp.example.com/approvals/${id}`,
    clock: () => new Date(NOON),
    after,
    fetch: async (url) => {
      posted.push(String(url));
      return new Response('ok');
    },
    onError: (error) => void errors.push(String(error)),
  });
  for (const [issuer, tenant] of [
    [CALL.principal.issuer, 'acme'],
    [CALL.principal.issuer, 'beta'],
    [CALL.principal.issuer, 'gamma'],
    ['https://other.example', 'acme'],
  ] as const) {
    const asked = await approvals.ask({ ...CALL, principal: { ...CALL.principal, issuer, tenant } });
    if (asked.kind === 'too-many') throw new Error('there are too many');
    await slack.post(asked.approval);
  }
  assert.equal(posted, [HOOK, OTHER]);
  assert.equal(errors, [
    `no channel for "gamma" of ${CALL.principal.issuer}`,
    'no channel for "acme" of https://other.example',
  ]);
  assert.is(slack.shows({ issuer: CALL.principal.issuer, tenant: 'gamma' }), false);
});

test('one webhook and approvers of one tenant need no route, and show the calls of that tenant', async () => {
  const { slack } = await readPeople(await settings({ U1: approver(A, 'acme') }), accepted);
  assert.is(slack?.routes.webhookOf({ issuer: A, tenant: 'acme' }), HOOK);
  assert.is(slack?.routes.webhookOf({ issuer: A, tenant: 'beta' }), undefined);
  assert.is(slack?.routes.webhookOf({ issuer: B, tenant: 'acme' }), undefined);
});

test('one webhook for approvers of two tenants, or of two issuers, is refused at the start', async () => {
  for (const second of [approver(A, 'other'), approver(B, 'beta')]) {
    const config = await settings({ U1: approver(A, 'acme'), U2: second });
    assert.match(
      await refusal(readPeople(config, accepted)),
      /--slack-approvers .*approvers of 2 tenants .* would show each the calls of the others; name a webhook for each in --slack-routes, or write a route with "\*"/,
    );
  }
  assert.throws(() => routeOfApprovers(HOOK, new Map()), /names no approver/);
});

test('a route with "*" lets tenants share a channel, because its author said so', async () => {
  const approvers = { U1: approver(A, 'acme'), U2: approver(A, 'other'), U3: approver(B, 'beta') };
  const routes = [
    { issuer: A, tenant: 'acme', webhookFile: await file('acme', `${OTHER}\n`) },
    { issuer: A, tenant: '*' },
  ];
  const config = await settings(approvers, { slackRoutes: await file('routes.json', { routes }) });
  const { slack } = await readPeople(config, accepted);
  assert.is(slack?.routes.webhookOf({ issuer: A, tenant: 'acme' }), OTHER);
  assert.is(slack?.routes.webhookOf({ issuer: A, tenant: 'anybody' }), HOOK);
  assert.is(slack?.routes.webhookOf({ issuer: B, tenant: 'beta' }), undefined);
  const all = createRoutes([{ issuer: '*', tenant: '*', webhook: HOOK }]);
  assert.is(all.webhookOf({ issuer: B, tenant: 'beta' }), HOOK);
});

test('two tenants that are routed to one webhook without "*" are refused', () => {
  const two = [
    { issuer: A, tenant: 'acme', webhook: HOOK },
    { issuer: A, tenant: 'other', webhook: HOOK },
  ];
  assert.throws(() => createRoutes(two), /"other" of .* and "acme" of .* have the same webhook/);
  assert.throws(() => createRoutes([{ issuer: A, tenant: '*', webhook: HOOK }, ...two]), /same webhook/);
});

test('a route with "*" for one issuer lets no tenant of another issuer share its channel', () => {
  const ofA = { issuer: A, tenant: '*', webhook: HOOK };
  for (const ofB of [
    { issuer: B, tenant: 'beta', webhook: HOOK },
    { issuer: B, tenant: '*', webhook: HOOK },
  ]) {
    assert.throws(() => createRoutes([ofA, ofB]), /have the same webhook, and would see each other's calls/);
    assert.throws(() => createRoutes([ofB, ofA]), /have the same webhook/);
  }
  // These say so.
  createRoutes([ofA, { issuer: A, tenant: 'acme', webhook: HOOK }]);
  createRoutes([
    { issuer: '*', tenant: '*', webhook: HOOK },
    { issuer: B, tenant: 'beta', webhook: HOOK },
  ]);
});

test('one webhook that is written in two ways is one channel', async () => {
  for (const other of [`${HOOK}/`, HOOK.replace('hooks', 'HOOKS'), `${HOOK}?x=1`, `${HOOK}#x`]) {
    const routes = [
      { issuer: A, tenant: 'acme', webhookFile: await file('one', HOOK) },
      { issuer: A, tenant: 'other', webhookFile: await file('two', other) },
    ];
    const config = await settings(
      { U1: approver(A, 'acme') },
      { slackRoutes: await file('routes.json', { routes }) },
    );
    assert.match(await refusal(readPeople(config, accepted)), /have the same webhook/, other);
  }
});

test('a webhook file that others can read is accepted with a warning, and a missing one is named', async () => {
  const hook = await file('hook', HOOK);
  const warnings: string[] = [];
  const read = async (webhookFile: string) => {
    const routes = [{ issuer: A, tenant: 'acme', webhookFile }];
    const slackRoutes = await file('routes.json', { routes });
    const config = await settings({ U1: approver(A, 'acme') }, { slackRoutes });
    return readPeople(config, accepted, (line) => warnings.push(String(line)));
  };
  await chmod(hook, 0o600);
  await read(hook);
  assert.equal(warnings, []);
  await chmod(hook, 0o644);
  await read(hook);
  assert.match(
    warnings.join(),
    /--slack-routes: "webhookFile" .*hook: other users of this machine can read this secret/,
  );
  assert.match(await refusal(read(join(folder, 'none'))), /--slack-routes .*"webhookFile": no such file/);
});

test('an approver of the tenant "*" is refused, because the one webhook would show the calls of all tenants', async () => {
  const config = await settings({ U1: approver(A, '*') });
  assert.match(
    await refusal(readPeople(config, accepted)),
    /--slack-approvers .*U1: "tenant": expected the tenant of one person, received "\*"/,
  );
});

test('a file of routes is read, or its mistake is reported', () => {
  const read = (routes: unknown) => readRoutes(JSON.stringify({ routes }), accepted);
  assert.equal(read([{ issuer: B, tenant: 'beta', webhookFile: '/run/secrets/beta' }]), [
    { issuer: B, tenant: 'beta', webhookFile: '/run/secrets/beta' },
  ]);
  for (const [routes, problem] of [
    [undefined, /expected {"routes"/],
    [[], /with 1 to 10000 routes/],
    [[{ tenant: '*' }], /route 1: "issuer": expected a non-empty string, received nothing/],
    [[{ issuer: '*', tenant: 'acme' }], /route 1: "tenant": expected "\*" beside "\*"/],
    [[{ issuer: `${A}/`, tenant: '*' }], /the nearest is "https:\/\/a\.example"/],
    [[{ issuer: B, tenant: 'acme' }], /"tenant": expected one that .* may name by --issuer-rules \(beta\)/],
    [[{ issuer: A, tenant: '*', webhookFile: 7 }], /"webhookFile": expected a non-empty string/],
  ] as const)
    assert.throws(() => read(routes), problem);
});

test('the webhook file is a secret: a mistake in it is reported without its content', async () => {
  const webhookFile = await file('odd', 'hooks.slack.com/services/SECRET');
  const slackRoutes = await file('routes.json', { routes: [{ issuer: A, tenant: '*', webhookFile }] });
  const problem = await refusal(
    readPeople(await settings({ U1: approver(A, 'a') }, { slackRoutes }), accepted),
  );
  assert.match(problem, /--slack-routes .*routes\.json: "webhookFile" .*odd: expected one http or https URL/);
  assert.not.match(problem, /SECRET/);
});

test('a Slack approver whose issuer differs by a slash is refused at the start, with the issuer that is meant', async () => {
  for (const [written, meant] of [
    [`${A}/`, A],
    [B.slice(0, -1), B],
    ['http://a.example', A],
  ] as const)
    assert.match(
      await refusal(readPeople(await settings({ U1: approver(written, 'acme', 'ada') }), accepted)),
      new RegExp(
        `U1: "issuer": expected exactly one of the accepted issuers.* received "${written}"; the nearest is "${meant}"`,
      ),
    );
  assert.throws(
    () => readSlackApprovers(JSON.stringify({ U1: approver('https://elsewhere.example', 'a') }), accepted),
    /exactly one of the accepted issuers \(https:\/\/a\.example, https:\/\/b\.example\/\), received "https:\/\/elsewhere\.example"$/,
  );
});

test('a Slack approver of a tenant that the issuer may not name is refused at the start', async () => {
  assert.match(
    await refusal(readPeople(await settings({ U1: approver(B, 'acme') }), accepted)),
    /U1: "tenant": expected one that https:\/\/b\.example\/ may name by --issuer-rules \(beta\), received "acme"/,
  );
});

test.run();
