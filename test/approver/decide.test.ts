/** What a person who is signed in sees, and what it takes for a decision to count. */
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { SESSION_HEADER } from '../../src/pages/signin/session.js';
import { type Bench, csrfOf, openBench, type Page, signedIn, type Visitor, wordsOf } from './bench.js';
import { TTL_MS } from './memory-approvals.js';

const test = suite('approver/decide');
let bench: Bench;
let visitor: Visitor;
test.before.each(async () => {
  bench = await openBench({
    describe: (tool) =>
      tool === 'jira.create'
        ? {
            title: 'Create a Jira issue',
            description: 'Each call creates another issue.',
            inputSchema: { required: ['project', 'type', 'summary'] },
          }
        : undefined,
  });
  visitor = await signedIn(bench);
});
test.after.each(() => bench.close());

const stateOf = (id: string): string | undefined => bench.service.approvals.get(id)?.state;
const open = async (id: string): Promise<Page> => visitor.get(`/approvals/${id}`);

/** The links to requests in rows: the id, and what the link says. */
const linksOf = ({ text }: Page): (string | undefined)[][] =>
  [...text.matchAll(/<h[23]><a href="\/approvals\/([\w-]+)">(.*?)<\/a>/g)].map(([, id, words = '']) => [
    id,
    words.replace(/<[^>]*>/g, ''),
  ]);

/** Opens the page and presses one of its buttons. */
async function press(id: string, verdict: string, comment = '', headers = {}): Promise<Page> {
  const csrf = csrfOf(await open(id));
  return visitor.post(`/approvals/${id}`, { csrf, verdict, comment }, headers);
}

test('paths of other handlers are left to them', async () => {
  for (const path of ['/', '/approvalsx', '/approval', '/mcp', '/x/approvals']) {
    assert.is((await visitor.get(path)).text, 'not of the pages', path);
  }
});

test("the list holds the waiting requests of one's own tenant, newest first", async () => {
  assert.match(wordsOf(await visitor.get('/approvals')), /No call is waiting for a decision/);
  bench.service.ask({ id: 'older' });
  bench.service.ask({ id: 'foreign', tenant: 'other' });
  bench.service.ask({ id: 'elsewhere', issuer: 'https://issuer.example' });
  bench.service.ask({ id: 'refused', state: 'refused' });
  bench.pass(60_000);
  bench.service.ask({ id: 'newer', tool: 'incidents.ack', args: {} });
  const page = await visitor.get('/approvals');
  assert.equal(linksOf(page), [
    ['newer', 'incidents.ack'],
    ['older', 'OPS · Read the wire'],
  ]);
  assert.match(wordsOf(page), /2 calls are waiting for a decision.*15 min left.*14 min left/);
  assert.match(
    page.text,
    /<script type="module" src="\/approvals\/page\.js" [^>]*data-next="\/approvals\/live\.js">/,
  );
});

test('a row says what would be done, in the order of the schema, who asks, and how much time is left', async () => {
  const args = { labels: ['x'], note: 'Last', urgent: true, summary: 'Refunds are\nsent twice', type: 'Bug' };
  bench.service.ask({ args: { ...args, project: 'PAY', points: 5 } });
  const words = wordsOf(await visitor.get('/approvals'));
  assert.match(
    words,
    /PAY · Bug · Refunds are sent twice 15 min left Create a Jira issue for elif\.ueda9@example\.com through demo, just now/,
  );
  bench.service.ask({ tool: 'other', args: { deep: {}, urgent: true, points: 5, note: 'Then' } });
  assert.match(
    wordsOf(await visitor.get('/approvals')),
    /urgent true · points 5 · Then 15 min left other for/,
  );
});

test("links show waiting requests, one's own requests, or the latest decisions, of one tool or one person", async () => {
  const own = { issuer: bench.issuer.issuer, user: 'dara.yilmaz7@example.com' };
  bench.service.ask({ id: 'own', ...own });
  bench.service.ask({ id: 'ack', tool: 'incidents.ack', args: { id: 'INC-1' } });
  const by = { decidedBy: own, decidedVia: 'page', decidedAt: 1_785_585_600_000 };
  bench.service.ask({ id: 'own-used', state: 'consumed', ...own, ...by });
  bench.service.ask({ id: 'refused', state: 'refused', ...by, decidedAt: by.decidedAt + 1 });
  const shown = async (query: string) => linksOf(await visitor.get(`/approvals${query}`)).map(([id]) => id);
  assert.equal(await shown(''), ['ack', 'own']);
  assert.equal(await shown('?view=decided'), ['refused', 'own-used']);
  assert.equal((await shown('?view=mine')).sort(), ['own', 'own-used']);
  assert.equal(await shown('?tool=incidents.ack'), ['ack']);
  assert.equal(await shown(`?person=${own.user}`), ['own']);
  assert.equal(await shown(`?person=${own.user}&tool=incidents.ack`), []);
  assert.equal(await shown('?request=ack'), ['ack']);
  assert.equal(await shown('?view=nothing&page=-1&page=2'), ['ack', 'own']);
  const list = await visitor.get('/approvals');
  for (const address of [
    '?view=mine',
    '?view=decided',
    '?tool=incidents.ack',
    '?person=dara.yilmaz7%40example.com',
  ])
    assert.ok(list.text.includes(`href="/approvals${address}"`), address);
  const filtered = await visitor.get('/approvals?tool=incidents.ack');
  assert.match(wordsOf(filtered), /1 of 2 calls is waiting for a decision/);
  assert.match(
    wordsOf(await visitor.get('/approvals?view=decided')),
    /2 decisions.*Refused Create a Jira issue for .*decided by dara/,
  );
  const strange = await visitor.get('/approvals?tool=%3Cimg%3E&person=x');
  assert.match(wordsOf(strange), /Nothing here matches\. Remove the filters/);
});

test('a long list has pages, and the oldest request is on the last', async () => {
  for (let count = 0; count < 201; count += 1) bench.service.ask();
  const [first, last] = [await visitor.get('/approvals'), await visitor.get('/approvals?page=3')];
  assert.equal([linksOf(first).length, linksOf(last).length], [100, 1]);
  assert.match(first.text, /<a rel="next" href="\/approvals\?page=2">Older<\/a>/);
  assert.match(last.text, /<a rel="prev" href="\/approvals\?page=2">Newer<\/a>/);
  assert.match(wordsOf(first), /201 calls are waiting for a decision.*Page 1 of 3/);
});

test('a request is shown with who asks, for what, with which arguments, why and until when', async () => {
  const { id } = bench.service.ask();
  const page = await open(id);
  assert.is(page.status, 200);
  const words = wordsOf(page);
  for (const said of [
    'Create a Jira issue',
    'Waiting for a decision',
    'elif.ueda9@example.com of demo',
    `signed in at ${bench.issuer.issuer}`,
    'Through the client demo',
    'Each call creates another issue.',
    'jira.create at internal-destructive-mcp',
    'jira.create changes state',
    'project OPS',
    'summary Read the wire',
    'Your decision 15 min left',
    'Valid until 2026-08-01 12:15:00 UTC',
    'ab'.repeat(32),
  ]) {
    assert.ok(words.includes(said), `${said} in ${words}`);
  }
  assert.equal(bench.service.looks, [`dara.yilmaz7@example.com looked at ${id} via page`]);
});

for (const [verdict, state, said] of [
  ['approve', 'approved', 'Approved'],
  ['refuse', 'refused', 'Refused'],
] as const) {
  test(`a person can ${verdict}, and the page says who did and what they said`, async () => {
    const { id } = bench.service.ask();
    const { status, headers } = await press(id, verdict, '  For the launch.\r\nOnly today. ');
    assert.equal([status, headers.location], [303, `/approvals/${id}`]);
    const { decidedBy, decidedVia, comment } = bench.service.approvals.get(id) ?? {};
    assert.equal([stateOf(id), decidedVia, comment], [state, 'page', 'For the launch.\nOnly today.']);
    assert.equal(decidedBy, { issuer: bench.issuer.issuer, user: 'dara.yilmaz7@example.com' });
    const page = await open(id);
    assert.is(page.status, 200);
    const words = wordsOf(page);
    assert.ok(words.includes(said), words);
    assert.match(words, /by dara\.yilmaz7@example\.com \(on this page\), 2026-08-01 12:00:00 UTC/);
    assert.match(words, /“ For the launch\. Only today\. ”/);
    assert.not.match(page.text, /<textarea|data-live="one"/);
  });
}

test('the page starts with the arguments', async () => {
  const words = wordsOf(await open(bench.service.ask().id));
  const order = ['Arguments', 'project OPS', 'About this request', 'Each call creates another issue.'].map(
    (part) => words.indexOf(part),
  );
  assert.equal(
    order,
    order.toSorted((one, other) => one - other),
  );
  assert.ok(order.every((at) => at > 0));
});

for (const [resumes, approved, refused] of [
  [
    'waits',
    'The call was waiting for this and goes on by itself',
    'The caller reads the reason in its error.',
  ],
  [
    'returns',
    'The call runs when its client asks for the result, which it does by itself',
    'The caller reads the reason when its client asks for the result',
  ],
  [
    'repeats',
    'The caller has to send the same call again. It then runs, once.',
    'The caller reads the reason when it sends the call again.',
  ],
] as const) {
  test(`after a decision the page says what the caller has to do if its client ${resumes}`, async () => {
    for (const [verdict, said] of [
      ['approve', approved],
      ['refuse', refused],
    ] as const) {
      const { id } = bench.service.ask({ resumes });
      await press(id, verdict, 'Not on a Friday.');
      const words = wordsOf(await open(id));
      assert.ok(words.includes(said), words);
    }
    const { id } = bench.service.ask({ resumes });
    await press(id, 'refuse');
    assert.match(wordsOf(await open(id)), /The caller reads of the refusal/);
  });
}

test('after a decision the page offers the request with the least time left, and the last ten decisions', async () => {
  const own = { issuer: bench.issuer.issuer, user: 'dara.yilmaz7@example.com' };
  bench.service.ask({ id: 'own', ...own, expiresAt: 1_785_585_600_000 + 60_000 });
  bench.service.ask({ id: 'soon', expiresAt: 1_785_585_600_000 + 150_000 });
  bench.service.ask({ id: 'later' });
  const ids = Array.from({ length: 12 }, () => bench.service.ask({ args: { project: 'PAY' } }).id);
  for (const id of ids) {
    bench.pass(1);
    await press(id, 'refuse');
  }
  const page = await open(ids.at(-1) ?? '');
  assert.match(page.text, /<a class="btn go" href="\/approvals\/soon">Create a Jira issue<\/a>/);
  assert.match(wordsOf(page), /Next OPS · Read the wire 2 min left · 1 more/);
  assert.equal(
    linksOf(page).map(([id]) => id),
    ids.slice(1, -1).reverse(),
  );
  await press('soon', 'refuse');
  await press('later', 'refuse');
  assert.match(wordsOf(await open('later')), /Nothing else is waiting for you/);
});

test('requests that were decided elsewhere, used, or not used in time are distinguished', async () => {
  const decided = {
    decidedBy: { issuer: 'x', user: 'amara' },
    decidedVia: 'slack',
    decidedAt: 1_785_585_600_000,
  };
  bench.service.ask({ id: 'used', state: 'consumed', ...decided, consumedAt: 1_785_585_660_000 });
  bench.service.ask({ id: 'unused', state: 'approved', ...decided });
  assert.match(
    wordsOf(await open('used')),
    /Approved and used Approved by amara \(slack\).*The call ran, 2026-08-01 12:01:00 UTC/,
  );
  bench.pass(9 * 60_000);
  assert.match(wordsOf(await open('unused')), /Approved, \d+ min left to use it/);
  bench.service.ask({ id: 'lapsed', state: 'approved', ...decided, expiresAt: 1_785_585_601_000 });
  const lapsed = await open('lapsed');
  assert.is(lapsed.status, 410);
  assert.match(wordsOf(lapsed), /Approved, but not used in time/);
});

test('an unknown request, or one of another tenant, is unknown', async () => {
  bench.service.ask({ id: 'foreign', tenant: 'other' });
  for (const id of ['nothing', 'foreign']) {
    const page = await open(id);
    assert.is(page.status, 404);
    assert.match(wordsOf(page), /No such request/);
    const csrf = csrfOf(page);
    const posted = await visitor.post(`/approvals/${id}`, { csrf, verdict: 'approve' });
    assert.is(posted.status, 404);
  }
  assert.is(stateOf('foreign'), 'pending');
  assert.equal(bench.service.looks, []);
});

test('a request that has expired can be read and not decided', async () => {
  const { id } = bench.service.ask({ expiresAt: 1_785_585_600_000 + 300_000 });
  const csrf = csrfOf(await open(id));
  bench.pass(300_000);
  const page = await open(id);
  assert.is(page.status, 410);
  assert.match(wordsOf(page), /Expired: nobody decided in time/);
  assert.not.match(page.text, /<textarea/);
  const posted = await visitor.post(`/approvals/${id}`, { csrf, verdict: 'approve' });
  assert.is(posted.status, 410);
  assert.match(wordsOf(posted), /Your decision came too late/);
  assert.is(stateOf(id), 'pending');
  assert.ok(TTL_MS > 300_000);
});

test('the second decision does not count, and its maker reads what the first one was', async () => {
  const { id } = bench.service.ask();
  const csrf = csrfOf(await open(id));
  const other = await signedIn(bench, { sub: 'amara.patel1@example.com' });
  const theirs = csrfOf(await other.get(`/approvals/${id}`));
  await other.post(`/approvals/${id}`, { csrf: theirs, verdict: 'refuse', comment: 'Not today' });
  const page = await visitor.post(`/approvals/${id}`, { csrf, verdict: 'approve' });
  assert.is(page.status, 409);
  assert.match(
    wordsOf(page),
    /somebody else decided first.*Refused by amara\.patel1@example\.com.*Not today/,
  );
  assert.is(stateOf(id), 'refused');
});

test('the caller cannot decide under four-eyes, and is told so before and after', async () => {
  const own = { issuer: bench.issuer.issuer, user: 'dara.yilmaz7@example.com' };
  const { id } = bench.service.ask(own);
  const page = await open(id);
  assert.is(page.status, 200);
  assert.match(wordsOf(page), /This is your own request, so somebody else has to decide/);
  assert.not.match(page.text, /<textarea|name="verdict"/);
  const posted = await visitor.post(`/approvals/${id}`, { csrf: csrfOf(page), verdict: 'approve' });
  assert.is(posted.status, 403);
  assert.is(stateOf(id), 'pending');
  // No approver here sees a request of another issuer's tenant with the same name.
  const { id: namesake } = bench.service.ask({ ...own, issuer: 'https://issuer.example' });
  assert.is((await press(namesake, 'approve')).status, 404);
  // The rule kept with the request applies, even if the replica's is laxer.
  const lax = await openBench({ fourEyes: false });
  try {
    const alone = await signedIn(lax);
    const strict = lax.service.ask({ ...own, issuer: lax.issuer.issuer, fourEyes: true });
    const shown = await alone.get(`/approvals/${strict.id}`);
    assert.match(wordsOf(shown), /This is your own request, so somebody else has to decide/);
  } finally {
    await lax.close();
  }
});

test('without four-eyes the caller may decide', async () => {
  const other = await openBench({ fourEyes: false });
  try {
    const alone = await signedIn(other);
    const { id } = other.service.ask({ issuer: other.issuer.issuer, user: 'dara.yilmaz7@example.com' });
    const csrf = csrfOf(await alone.get(`/approvals/${id}`));
    assert.is((await alone.post(`/approvals/${id}`, { csrf, verdict: 'approve' })).status, 303);
    assert.is(other.service.approvals.get(id)?.state, 'approved');
  } finally {
    await other.close();
  }
});

test('a form counts only if the browser says that it comes from here', async () => {
  const { id } = bench.service.ask();
  for (const headers of [
    { origin: 'https://elsewhere.example' },
    { origin: 'null' },
    { origin: 'http://localhost:1' },
    { origin: 'https://elsewhere.example', 'sec-fetch-site': '' },
    { 'sec-fetch-site': 'cross-site' },
    { 'sec-fetch-site': 'same-site' },
    { origin: '', 'sec-fetch-site': 'none' },
    { origin: '', 'sec-fetch-site': '' },
  ]) {
    const page = await press(id, 'approve', '', headers);
    assert.is(page.status, 403, JSON.stringify(headers));
    assert.match(wordsOf(page), /not sent from the page that was shown to you/);
  }
  assert.is(stateOf(id), 'pending');
  // One of the two headers is enough.
  assert.is((await press(id, 'approve', '', { 'sec-fetch-site': '' })).status, 303);
  const { id: next } = bench.service.ask();
  assert.is((await press(next, 'approve', '', { origin: '' })).status, 303);
});

test('a form counts only with the token of this session', async () => {
  const { id } = bench.service.ask();
  const other = await signedIn(bench, { sub: 'amara.patel1@example.com' });
  const theirs = csrfOf(await other.get(`/approvals/${id}`));
  const own = csrfOf(await open(id));
  assert.ok(theirs.length > 30 && theirs !== own);
  for (const csrf of ['', 'guessed', theirs, `${own.slice(0, -1)}`, `${own} `]) {
    const page = await visitor.post(`/approvals/${id}`, { csrf, verdict: 'approve' });
    assert.is(page.status, 403, csrf);
  }
  assert.is((await visitor.post(`/approvals/${id}`, { verdict: 'approve' })).status, 403);
  assert.is(stateOf(id), 'pending');
});

test('a form of a session that has ended decides nothing, and its sender can sign in and go on', async () => {
  const { id } = bench.service.ask({ expiresAt: 1_785_585_600_000 + 3_600_000 });
  const csrf = csrfOf(await open(id));
  bench.pass(601_000);
  const page = await visitor.post(`/approvals/${id}`, { csrf, verdict: 'approve' });
  assert.is(page.status, 403);
  assert.match(wordsOf(page), /Your sign-in has ended, and nothing was decided/);
  assert.match(page.text, new RegExp(`/approvals/sign-in\\?to=%2Fapprovals%2F${id}`));
  assert.is(stateOf(id), 'pending');
});

test('a body of another type, or one that is too long, is refused', async () => {
  const { id } = bench.service.ask();
  for (const type of ['text/plain', 'application/json', 'multipart/form-data; boundary=x', '']) {
    assert.is((await press(id, 'approve', '', { 'content-type': type })).status, 415, type);
  }
  const long = await press(id, 'approve', 'x'.repeat(8 * 1024));
  assert.is(long.status, 413);
  assert.match(wordsOf(long), /at most 8192 bytes/);
  assert.is(long.headers.connection, 'close');
  const csrf = csrfOf(await open(id));
  const chunked = await visitor.post(
    `/approvals/${id}`,
    { csrf, verdict: 'approve', comment: 'x'.repeat(9_000) },
    { 'transfer-encoding': 'chunked' },
  );
  assert.is(chunked.status, 413);
  assert.is(stateOf(id), 'pending');
});

test('an invalid verdict, and a comment that is too long, are reported with what was written', async () => {
  const { id } = bench.service.ask();
  const odd = await press(id, 'maybe', 'why <not>');
  assert.is(odd.status, 400);
  assert.match(wordsOf(odd), /expected "verdict" approve or refuse, received "maybe"/);
  assert.match(odd.text, /<textarea[^>]*>why &lt;not&gt;<\/textarea>/);
  const long = await press(id, 'approve', 'x'.repeat(501));
  assert.is(long.status, 400);
  assert.match(wordsOf(long), /"comment" may have 500 characters, and yours has 501/);
  assert.is(stateOf(id), 'pending');
  // That many always fit, in any script.
  assert.is((await press(id, 'approve', '許'.repeat(500))).status, 303);
});

test('nothing that somebody else wrote becomes markup', async () => {
  const evil = `<script>alert(1)</script>"'><img src=x onerror=alert(1)>`;
  const { id } = bench.service.ask({
    user: evil,
    clientId: evil,
    tool: evil,
    reason: evil,
    server: evil,
    args: { [evil]: evil, deep: [{ [evil]: evil }] },
  });
  const pages = [await visitor.get('/approvals'), await open(id), await press(id, evil, evil)];
  await press(id, 'refuse', evil);
  pages.push(await open(id));
  const evilPerson = await signedIn(bench, { sub: evil, scope: 'approvals:decide' });
  pages.push(await evilPerson.get('/approvals'));
  pages.push(await evilPerson.get('/approvals/nothing'));
  for (const page of pages) {
    assert.not.match(page.text, /<img|<script>|onerror=alert\(1\)>[^&]*</, page.text);
    assert.ok(page.text.includes('&lt;script&gt;alert(1)&lt;/script&gt;'));
    const tags = [...page.text.matchAll(/<script\b[^>]*>/g)].map(([tag]) => tag);
    assert.ok(
      tags.every((tag) =>
        /^<script type="module" src="\/approvals\/page\.js" data-name="approvals"[^<>]*>$/.test(tag),
      ),
      tags.join(),
    );
    assert.not.match(page.text, /\sstyle=|\son\w+="/);
  }
});

test('every page says how it may be used: no cache, no frame, nothing from other origins', async () => {
  const { id } = bench.service.ask();
  const answers = [
    await visitor.get('/approvals'),
    await open(id),
    await open('nothing'),
    await visitor.get('/approvals/a/b'),
    await visitor.post(`/approvals/${id}`, {}),
    await press(id, 'approve'),
    await visitor.send('/approvals', { method: 'DELETE' }),
    await visitor.get('/approvals/callback'),
    await visitor.get('/approvals/sign-in'),
    await visitor.get(`/approvals/${id}`, { [SESSION_HEADER]: '' }),
    await visitor.get(`/approvals/${id}`, { [SESSION_HEADER]: 'made up' }),
    await visitor.post('/approvals/callback', {}),
  ];
  assert.equal(
    answers.map(({ status }) => status),
    [200, 200, 404, 404, 403, 303, 405, 200, 200, 200, 403, 400],
  );
  for (const { headers, text } of answers) {
    assert.is(headers['cache-control'], 'no-store');
    assert.is(headers['x-frame-options'], 'DENY');
    assert.is(headers['x-content-type-options'], 'nosniff');
    assert.is(headers['referrer-policy'], 'same-origin');
    const policy = headers['content-security-policy'] ?? '';
    assert.match(
      String(policy),
      /^default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'$/,
    );
    if (text === '') continue;
    assert.match(text, /<html lang="en">/);
    assert.is([...text.matchAll(/<h1\b/g)].length, 1);
  }
});

test('HEAD is GET without its body, and other methods are refused by name', async () => {
  const head = await visitor.send('/approvals', { method: 'HEAD' });
  assert.equal([head.status, head.text], [200, '']);
  for (const [method, path] of [
    ['PUT', '/approvals'],
    ['POST', '/approvals'],
    ['POST', '/approvals/events'],
  ] as const) {
    const { status, headers } = await visitor.send(path, { method, headers: { origin: bench.origin } });
    assert.equal([status, headers.allow], [405, 'GET, HEAD'], `${method} ${path}`);
  }
});

test('an approval service that fails is one page, and one line in the log', async () => {
  const { id } = bench.service.ask();
  bench.service.show = () => Promise.reject(new Error('the store is away'));
  const page = await open(id);
  assert.is(page.status, 500);
  assert.not.match(page.text, /the store is away/);
  assert.equal(bench.errors, ['approval.failed: Error: the store is away']);
});

test.run();
