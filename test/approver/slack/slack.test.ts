/** Approvals from Slack: a receiver on loopback stands in for Slack, and the approval service is real. */
import { createHmac } from 'node:crypto';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { Approval } from '../../../src/governance/approval/approval.js';
import { cardOf, outcomeOf } from '../../../src/governance/approval/slack/card.js';
import { readInteraction, signatureProblem } from '../../../src/governance/approval/slack/interaction.js';
import { createRoutes, readSlackApprovers } from '../../../src/governance/approval/slack/routes.js';
import { createSlack, type SlackOptions } from '../../../src/governance/approval/slack/slack.js';
import { after } from '../../../src/wire/clock.js';
import { bench, CALL, NOON } from '../../approval/bench.js';
import { until } from '../../support/until.js';

/** Slack shows all of it. */
const PLAIN = { ...CALL, args: { project: 'OPS', summary: 'Refunds are sent twice' } };

const test = suite('approver/slack');

const SECRET = '8f742231b10e8888abcd99yyyzzz85a5';
/** The example of Slack's documentation. */
const EXAMPLE = {
  timestamp: '1531420618',
  signature: 'v0=a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503',
  body: Buffer.from(
    'token=xyzz0WbapA4vBCDEFasx0q6G&team_id=T1DC2JH3J&team_domain=testteamnow&channel_id=G8PSS9T3V&channel_name=foobar' +
      '&user_id=U2CERLKJA&user_name=roadrunner&command=%2Fwebhook-collect&text=&response_url=https%3A%2F%2Fhooks.slack.com' +
      '%2Fcommands%2FT1DC2JH3J%2F397700885554%2F96rGlfmibIGlgcZRskXaIFfN&trigger_id=398738663015.47445629121.803a0bc887a14d10d2c447fce8b6703c',
  ),
};
const THEN = 1_531_420_618;

test('the documented example of a signature is valid, and nothing that differs from it in one place', () => {
  assert.is(signatureProblem(SECRET, EXAMPLE, THEN), undefined);
  const odd = { ...EXAMPLE, body: Buffer.from(EXAMPLE.body.toString().replace('roadrunner', 'roadrunnes')) };
  assert.is(signatureProblem(SECRET, odd, THEN), 'the signature does not match');
  assert.is(signatureProblem(`${SECRET}5`, EXAMPLE, THEN), 'the signature does not match');
  assert.is(
    signatureProblem(SECRET, { ...EXAMPLE, timestamp: '1531420619' }, THEN),
    'the signature does not match',
  );
  for (const signature of [
    undefined,
    '',
    'v0=',
    EXAMPLE.signature.slice(3),
    `${EXAMPLE.signature}0`,
    EXAMPLE.signature.replace('v0', 'v1'),
  ])
    assert.is(signatureProblem(SECRET, { ...EXAMPLE, signature }, THEN), 'the signature does not match');
  for (const timestamp of [undefined, '', 'now', '-5', '1e9'])
    assert.is(signatureProblem(SECRET, { ...EXAMPLE, timestamp }, THEN), 'there is no timestamp');
});

test('a signature holds for five minutes, and not for a second more in either direction', () => {
  for (const [ahead, holds] of [
    [300, true],
    [301, false],
    [-300, true],
    [-301, false],
  ] as const)
    assert.is(signatureProblem(SECRET, EXAMPLE, THEN + ahead) === undefined, holds, `${ahead}`);
});

const APPROVAL: Approval = {
  id: 'id-1',
  server: 'internal-destructive-mcp',
  tool: 'jira.create',
  issuer: 'https://issuer.example',
  tenant: 'acme',
  user: 'ada',
  clientId: 'demo',
  digest: '0'.repeat(64),
  args: { summary: 'x' },
  reason: 'a person is needed',
  createdAt: NOON,
  expiresAt: NOON + 900_000,
  fourEyes: false,
  state: 'pending',
};

type Text = { type: string; text: string };
/** Every text object of a message, with what it stands in. */
function textsIn(value: unknown, path = ''): [path: string, text: Text][] {
  if (typeof value !== 'object' || value === null) return [];
  const own = value as { type?: unknown; text?: unknown };
  const here: [string, Text][] =
    typeof own.type === 'string' && typeof own.text === 'string' ? [[path, value as Text]] : [];
  return [...here, ...Object.entries(value).flatMap(([key, member]) => textsIn(member, `${path}/${key}`))];
}

const LIMITS: [where: RegExp, most: number][] = [
  [/^\/blocks\/0\//, 150],
  [/\/fields\//, 2_000],
  [/\/confirm\/title$/, 100],
  [/\/confirm\/text$/, 300],
  [/\/confirm\/(confirm|deny)$/, 30],
  [/\/elements\/\d+\/text$/, 75],
];

test('whatever a caller sends, the card stays within the limits of Slack and contains no markup', () => {
  const long = fc.string({ maxLength: 5_000 });
  const hostile = fc.oneof(
    long,
    fc.constantFrom('```', '<!channel> <@U1>', '*b* `c` & <http://x|y>', '\u202e\u0000', '\ud83d'),
    fc.constantFrom('<', '\u200b', '\n', '"', 'x').map((one) => one.repeat(5_000)),
  );
  fc.assert(
    fc.property(
      fc.record({
        tool: hostile,
        user: hostile,
        tenant: hostile,
        clientId: hostile,
        reason: hostile,
        args: fc.dictionary(hostile, fc.jsonValue()),
      }),
      (given) => {
        const card = cardOf({ ...APPROVAL, ...given }, 'https://mcp.example.com/approvals/id-1') as {
          text: string;
          blocks: { type: string }[];
        };
        assert.ok(card.text.length <= 3_000);
        assert.not.match(card.text, /[<>]|&(?!(amp|lt|gt);)/);
        assert.ok(card.blocks.length <= 50);
        const texts = textsIn(card);
        for (const [path, { type, text }] of texts) {
          assert.ok(type === 'plain_text' || type === 'text', `${path} is ${type}`);
          const [, most] = LIMITS.find(([where]) => where.test(path)) ?? [/./, 3_000];
          assert.ok(text.length >= 1 && text.length <= most, `${path} has ${text.length}`);
          assert.not.match(text, /(?!\n)[\p{Cc}\p{Cf}\p{Cs}]/u);
          if (path.includes('/fields/')) assert.is(text.split('\n').length, 2, text);
        }
        // Slack has been seen to refuse 13200 characters, and does not say how it counts.
        assert.ok(texts.reduce((sum, [, { text }]) => sum + text.length, 0) <= 10_000);
      },
    ),
    { numRuns: 200 },
  );
  const [, , args, , actions] = cardOf(APPROVAL, 'https://p.example/1').blocks as {
    elements: { action_id?: string; value?: string; url?: string; confirm?: object }[];
  }[];
  assert.match(JSON.stringify(args), 'rich_text_preformatted');
  assert.equal(
    actions?.elements.map(({ action_id, value, url, confirm }) => [
      action_id,
      value,
      url,
      confirm !== undefined,
    ]),
    [
      ['approve', 'id-1', undefined, true],
      ['refuse', 'id-1', undefined, false],
      ['open', undefined, 'https://p.example/1', false],
    ],
  );
});

test('a card whose arguments are cut off says so, and cannot approve what it does not show', () => {
  const card = (args: unknown) => cardOf({ ...APPROVAL, args }, 'https://p.example/1');
  const short = JSON.stringify(card({ summary: 'x' }));
  assert.match(short, '"action_id":"approve"');
  assert.not.match(short, /cut off/);
  const long = JSON.stringify(card({ summary: 'x'.repeat(3_000), project: 'HIDDEN' }));
  assert.not.match(long, /HIDDEN|"action_id":"approve"/);
  assert.match(
    long,
    'The arguments are cut off here. Open shows all of them, and there they can be approved.',
  );
  for (const left of ['refuse', 'open']) assert.match(long, `"action_id":"${left}"`);
});

test('invisible characters are written out, and a line break creates no field of its own', () => {
  const odd = {
    ...APPROVAL,
    clientId: 'demo\nTenant\nother',
    user: 'ada\u202e',
    args: { a: '\u202ex p\u0430y' },
  };
  const texts = textsIn(cardOf(odd, 'https://p.example/1')).map(([, { text }]) => text);
  assert.ok(texts.includes('Client\ndemo[U+000A]Tenant[U+000A]other'));
  assert.ok(texts.includes('Asked by\nada[U+202E]'));
  assert.ok(texts.includes('{\n  "a": "[U+202E]x p[Cyrillic \u0430]y"\n}'));
});

test('each outcome is one sentence, and leaves no buttons', () => {
  const by = { issuer: 'i', user: 'bob' };
  const approved = { ...APPROVAL, state: 'approved' as const, decidedBy: by, decidedAt: NOON };
  const said = (decided: Parameters<typeof outcomeOf>[0]) => {
    const { text, blocks, replace_original } = outcomeOf(decided) as {
      text: string;
      blocks: unknown;
      replace_original: unknown;
    };
    assert.is(replace_original, true);
    assert.not.match(JSON.stringify(blocks), 'button');
    return text;
  };
  assert.is(
    said({ kind: 'decided', approval: approved }),
    'Approved by bob at 2026-11-23 12:00 UTC; requested by ada.',
  );
  assert.match(said({ kind: 'decided', approval: { ...approved, state: 'refused' } }), /^Refused by bob/);
  assert.match(
    said({ kind: 'decided', approval: { ...approved, resumes: 'repeats' } }),
    /requested by ada\. The caller has to send the same call again\./,
  );
  assert.match(
    said({ kind: 'not-decided', why: 'decided', approval: approved }),
    /^It was decided before. Approved by bob/,
  );
  assert.match(said({ kind: 'not-decided', why: 'expired', approval: APPROVAL }), /has expired/);
  const { text } = outcomeOf({
    kind: 'decided',
    approval: { ...approved, user: '<!channel> & co', decidedBy: { ...by, user: '<@U1>' } },
  });
  assert.is(text, 'Approved by &lt;@U1&gt; at 2026-11-23 12:00 UTC; requested by &lt;!channel&gt; &amp; co.');
});

test('a press that leaves the request waiting is reported only to the person who pressed, and the card stays', () => {
  for (const [decided, text] of [
    [
      { kind: 'not-decided', why: 'own', approval: APPROVAL },
      'You cannot approve your own request: somebody else has to.',
    ],
    [{ kind: 'not-decided', why: 'unknown' }, 'This request no longer exists.'],
  ] as const)
    assert.equal(outcomeOf(decided), { response_type: 'ephemeral', replace_original: false, text });
});

const ISSUER = 'https://issuer.example';
const approversIn = (text: string, issuers: readonly string[] = [ISSUER]) =>
  readSlackApprovers(text, { issuers, tenants: new Map() });
/** One channel for the tenant of the calls here. */
const routeTo = (webhook: string) => createRoutes([{ issuer: ISSUER, tenant: 'acme', webhook }]);

test('the file of approvers is read, or its mistake is reported', () => {
  const good = '{"U2CERLKJA":{"issuer":"https://i.example","user":"bob","tenant":"acme"}}';
  assert.equal(
    [...approversIn(good, ['https://i.example'])],
    [['U2CERLKJA', { issuer: 'https://i.example', user: 'bob', tenant: 'acme' }]],
  );
  for (const [text, said] of [
    ['x', /expected JSON/],
    ['{"U1":{},"U1":{}}', /\/U1: the name stands twice/],
    ['[]', /expected {"SLACK_USER_ID"/],
    ['{"bob":{}}', /the id of a Slack user such as U2CERLKJA, received "bob"/],
    ['{"U1":{"issuer":"i","user":"","tenant":"t"}}', /U1: "user": expected a non-empty string, received ""/],
    ['{"U1":null}', /U1: "issuer": expected a non-empty string, received nothing/],
    [
      '{"U1":{"issuer":"i","user":"u","tenant":"t","team":7}}',
      /U1: "team": expected a non-empty string, received 7/,
    ],
  ] as const)
    assert.throws(() => approversIn(text, ['i']), said);
});

type Got = { path: string; body: { [member: string]: unknown } };
type Receiver = {
  url: string;
  got: Got[];
  answers: ((number: number) => { status: number; headers?: object; until?: Promise<void> })[];
  server: Server;
};

async function receiver(): Promise<Receiver> {
  const got: Got[] = [];
  const made: Receiver = { url: '', got, answers: [], server: createServer() };
  made.server.on('request', async (request: IncomingMessage, response) => {
    const parts: Buffer[] = [];
    for await (const part of request) parts.push(part as Buffer);
    got.push({ path: request.url ?? '', body: JSON.parse(Buffer.concat(parts).toString()) });
    const { status, headers, until: ready } = made.answers.shift()?.(got.length) ?? { status: 200 };
    await ready;
    response.writeHead(status, { ...headers }).end('ok');
  });
  await listening(made.server);
  made.url = `http://127.0.0.1:${(made.server.address() as AddressInfo).port}`;
  servers.push(made.server);
  return made;
}

const servers: Server[] = [];
const listening = (server: Server) => new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
test.after(() => {
  for (const server of servers) {
    server.closeAllConnections();
    server.close();
  }
});

async function slackBench(given: Partial<SlackOptions> = {}) {
  const slackSide = await receiver();
  const approvals = bench();
  const errors: string[] = [];
  const slack = createSlack({
    routes: routeTo(`${slackSide.url}/services/hook`),
    signingSecret: SECRET,
    approvers: approversIn(`{"U1":{"issuer":"https://issuer.example","user":"bob","tenant":"acme"}}`),
    approvals,
    pageUrl: (id) => `https://mcp.example.com/approvals/${id}`,
    clock: () => new Date(NOON),
    after,
    onError: (error) => void errors.push(error instanceof Error ? error.message : String(error)),
    ...given,
  });
  const own = createServer((request, response) => {
    if (!slack.handle(request, response, request.url ?? '')) response.writeHead(404).end();
  });
  await listening(own);
  servers.push(own);
  const url = `http://127.0.0.1:${(own.address() as AddressInfo).port}/slack/interactions`;
  const send = (body: string, headers: { [name: string]: string } = {}) => {
    const timestamp = String(NOON / 1_000);
    const signature = `v0=${createHmac('sha256', SECRET).update(`v0:${timestamp}:${body}`).digest('hex')}`;
    return fetch(url, {
      method: 'POST',
      headers: {
        'content-type': 'application/x-www-form-urlencoded',
        'x-slack-request-timestamp': timestamp,
        'x-slack-signature': signature,
        ...headers,
      },
      body,
    });
  };
  const press = (
    action_id: string,
    value = 'id-1',
    user = 'U1',
    response_url = `${slackSide.url}/actions/1`,
    team_id?: string,
  ) => {
    const payload = {
      type: 'block_actions',
      user: { id: user, team_id },
      actions: [{ action_id, value }],
      response_url,
    };
    return send(`payload=${encodeURIComponent(JSON.stringify(payload))}`);
  };
  return { ...approvals, slack, slackSide, errors, send, press, url };
}

test('a card is posted, a person presses, the call is approved and the card says by whom', async () => {
  const { ask, slack, slackSide, press, steps, errors } = await slackBench();
  const asked = await ask(PLAIN);
  if (asked.kind === 'too-many') throw new Error('there are too many');
  await slack.post(asked.approval);
  assert.is(slackSide.got[0]?.path, '/services/hook');
  assert.match(JSON.stringify(slackSide.got[0]?.body), 'jira.create waits for a person');
  assert.not.match(JSON.stringify(slackSide.got[0]?.body), 'bob@example.com');
  const answer = await press('approve');
  assert.equal([answer.status, await answer.text()], [200, '']);
  assert.is((await ask(PLAIN)).kind, 'approved');
  await until(() => slackSide.got.length === 2);
  const { path, body } = slackSide.got[1] ?? {};
  assert.is(path, '/actions/1');
  assert.equal(
    [body?.replace_original, body?.text],
    [true, 'Approved by bob at 2026-11-23 12:00 UTC; requested by ada.'],
  );
  assert.equal([steps, errors], [['asked id-1', 'approved id-1 bob'], []]);
  // Slack repeats a request that was not answered.
  await press('approve');
  await press('refuse');
  await until(() => slackSide.got.length === 4);
  assert.match(slackSide.got[3]?.body.text as string, /^It was decided before. Approved by bob/);
  assert.is(steps.length, 2);
});

test('a refusal is a refusal, and somebody who is not an approver decides nothing', async () => {
  const { ask, press, slackSide, errors, steps } = await slackBench();
  await ask(PLAIN);
  assert.is((await press('approve', 'id-1', 'U9')).status, 200);
  await until(() => slackSide.got.length === 1);
  assert.equal(slackSide.got[0]?.body, {
    response_type: 'ephemeral',
    replace_original: false,
    text: 'You are not an approver here.',
  });
  assert.equal(errors, ['the Slack user U9 is not an approver']);
  assert.is((await ask(PLAIN)).kind, 'pending');
  await press('refuse');
  assert.is((await ask(PLAIN)).kind, 'refused');
  assert.equal(steps, ['asked id-1', 'refused id-1 bob']);
});

test('an approver of one workspace is not an approver in another, where the operator names the workspace', async () => {
  const bob = '{"issuer":"https://issuer.example","user":"bob","tenant":"acme","team":"T1"}';
  const { ask, press, steps, errors } = await slackBench({ approvers: approversIn(`{"U1":${bob}}`) });
  await ask(PLAIN);
  for (const team of ['T2', undefined])
    assert.is((await press('approve', 'id-1', 'U1', undefined, team)).status, 200);
  assert.equal(errors, ['the Slack user U1 is not an approver', 'the Slack user U1 is not an approver']);
  assert.is((await ask(PLAIN)).kind, 'pending');
  await press('approve', 'id-1', 'U1', undefined, 'T1');
  assert.equal(steps, ['asked id-1', 'approved id-1 bob']);
});

test('under four-eyes, and for another tenant, a press leaves the card to the others', async () => {
  const approvals = bench({ fourEyes: true });
  const person = (user: string, tenant: string) => ({ issuer: 'https://issuer.example', user, tenant });
  const approvers = approversIn(
    JSON.stringify({ U1: person('bob', 'acme'), U2: person('ada', 'acme'), U3: person('eve', 'other') }),
  );
  const { press, slackSide } = await slackBench({ approvals, approvers });
  await approvals.ask(PLAIN);
  for (const user of ['U2', 'U3', 'U1']) await press('approve', 'id-1', user);
  await until(() => slackSide.got.length === 3);
  assert.equal(
    slackSide.got.map(({ body }) => body.replace_original),
    [false, false, true],
  );
  assert.match(slackSide.got[0]?.body.text as string, /somebody else has to/);
  assert.match(slackSide.got[1]?.body.text as string, /no longer exists/);
  assert.equal(approvals.steps, ['asked id-1', 'approved id-1 bob']);
});

test('a second delivery of the same bytes by Slack decides nothing, even at the same time', async () => {
  const { ask, send, slackSide, steps } = await slackBench();
  await ask(PLAIN);
  const response_url = `${slackSide.url}/actions/1`;
  const actions = [{ action_id: 'approve', value: 'id-1' }];
  const payload = JSON.stringify({ type: 'block_actions', user: { id: 'U1' }, actions, response_url });
  const body = `payload=${encodeURIComponent(payload)}`;
  const again = (number: string) =>
    send(body, { 'x-slack-retry-num': number, 'x-slack-retry-reason': 'http_timeout' });
  const sent = await Promise.all([send(body), again('1'), again('2')]);
  assert.equal(
    sent.map(({ status }) => status),
    [200, 200, 200],
  );
  await until(() => slackSide.got.length === 3);
  assert.equal(steps, ['asked id-1', 'approved id-1 bob']);
  const before = slackSide.got.filter(({ body }) => /^It was decided before/.test(String(body.text)));
  assert.is(before.length, 2);
});

test('the answer is reported to Slack and to nobody else', async () => {
  const elsewhere = await receiver();
  const { ask, press, errors } = await slackBench({ routes: routeTo('https://hooks.slack.com/services/x') });
  await ask(PLAIN);
  for (const url of [
    elsewhere.url,
    'https://evil.example/',
    'http://hooks.slack.com/',
    'https://hooks.slack.com.evil.example/',
    'https://hooks.slack.com@evil.example/',
    'https://hooks.slack.com:8443/',
    'x',
  ]) {
    assert.is((await press('open', 'id-1', 'U1', url)).status, 200);
    await press('approve', 'id-1', 'U1', url);
  }
  assert.equal(elsewhere.got, []);
  assert.is(errors.filter((error) => error === 'response_url is not a Slack URL').length, 7);
});

test('a request that Slack did not sign is refused, and so is one that is not a press', async () => {
  const { ask, press, send, url, errors, steps } = await slackBench();
  await ask(PLAIN);
  const signature = `v0=${'0'.repeat(64)}`;
  assert.is((await send('payload={}', { 'x-slack-signature': signature })).status, 401);
  assert.is((await send('payload={}', { 'x-slack-request-timestamp': '1' })).status, 401);
  assert.match(errors.join(), /the signature does not match.*s old/);
  assert.is((await send('payload=x')).status, 400);
  assert.is((await send('payload={"type":"block_actions","actions":[]}')).status, 400);
  assert.is((await send('ssl_check=1&token=x')).status, 200);
  assert.is((await send('payload={"type":"view_closed"}')).status, 200);
  assert.is((await send('{}', { 'content-type': 'application/json' })).status, 415);
  assert.is((await send('x'.repeat(70_000))).status, 413);
  const got = await fetch(url);
  assert.equal([got.status, got.headers.get('allow')], [405, 'POST']);
  assert.is((await press('open')).status, 200);
  assert.equal(steps, ['asked id-1']);
  assert.is((await fetch(new URL('/slack/other', url))).status, 404);
  assert.is(readInteraction('payload=[]').kind, 'malformed');
});

test('an answer does not wait for a slow approval service or for Slack itself', async () => {
  const waits: number[] = [];
  const soon: SlackOptions['after'] = (ms, run) => {
    waits.push(ms);
    return after(0, run);
  };
  const { press, errors } = await slackBench({
    approvals: { decide: () => new Promise(() => {}) },
    after: soon,
  });
  assert.is((await press('approve')).status, 200);
  // Slack gives up after three seconds.
  assert.equal([waits, errors], [[2_500], []]);
  const slow = await slackBench({ after: soon });
  await slow.ask(PLAIN);
  let heard = false;
  slow.slackSide.answers.push(() => {
    heard = true;
    return { status: 200, until: new Promise(() => {}) };
  });
  assert.is((await slow.press('approve')).status, 200);
  assert.is((await slow.ask(PLAIN)).kind, 'approved');
  await until(() => heard);
});

test('when Slack is away or busy, only the card is lost; a temporary failure is retried once', async () => {
  const waits: number[] = [];
  const { slack, slackSide, errors } = await slackBench({
    after: (ms, run) => {
      waits.push(ms);
      return after(0, run);
    },
  });
  slackSide.answers.push(() => ({ status: 429, headers: { 'retry-after': '2' } }));
  await slack.post(APPROVAL);
  assert.equal([slackSide.got.length, errors], [2, []]);
  slackSide.answers.push(() => ({ status: 429, headers: { 'retry-after': '3600' } }));
  await slack.post(APPROVAL);
  assert.equal([slackSide.got.splice(2).length, errors, waits], [2, [], [2_000, 5_000]]);
  slackSide.answers.push(
    () => ({ status: 503 }),
    () => ({ status: 503 }),
  );
  await slack.post(APPROVAL);
  assert.equal([slackSide.got.length, errors], [4, ['Slack is busy']]);
  slackSide.answers.push(() => ({ status: 404 }));
  await slack.post(APPROVAL);
  assert.is(errors.at(-1), 'Slack answered 404');
  slackSide.answers.push(() => ({ status: 302, headers: { location: `${slackSide.url}/elsewhere` } }));
  await slack.post(APPROVAL);
  assert.is(
    slackSide.got.some(({ path }) => path === '/elsewhere'),
    false,
  );
  const away = await slackBench({ routes: routeTo('http://127.0.0.1:9/hook') });
  await away.slack.post(APPROVAL);
  assert.is(away.errors.length, 1);
  // Nor does a card that cannot be built.
  await away.slack.post({ ...APPROVAL, expiresAt: Number.POSITIVE_INFINITY });
  assert.is(away.errors.length, 2);
});

test('an approval service that cannot decide says so, and the button can be pressed again', async () => {
  const decide = () => Promise.reject(new Error('the state is away'));
  const { press, slackSide, errors } = await slackBench({ approvals: { decide } });
  assert.is((await press('approve')).status, 200);
  await until(() => slackSide.got.length === 1);
  assert.match(slackSide.got[0]?.body.text as string, /Press again/);
  assert.equal(errors, ['the state is away']);
});

test.run();
