/** `call` against the governed servers: signing in, another scope, and a call that a person approves or refuses. */
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { TokenSource } from '../../src/client/index.js';
import { createTokenSource } from '../../src/oauth/client/token-source.js';
import { personAt, type Recorded } from '../oauth-client/site.js';
import { ApproverPerson } from '../support/approver.js';
import { type Governed, startGoverned } from '../support/governed.js';
import { barewire } from './caller.js';

const test = suite('call/governed');
let governed: Governed;
test.before(async () => {
  governed = await startGoverned();
});
test.after(() => governed.close());

function signingIn(url: URL, scopes?: readonly string[]): { person: Recorded; tokens: TokenSource } {
  const person = personAt();
  return { person, tokens: createTokenSource(url, { interaction: person, scopes }) };
}

test('a person signs in once, and each further call has the token', async () => {
  const { url } = governed.readonly;
  const { person, tokens } = signingIn(url);
  const first = await barewire(['call', url.href, 'postgres.readonly', 'sql=select 1 as one'], { tokens });
  assert.is(first.code, 0, first.err);
  assert.match(first.out, /"rows":\[\[1\]\]/);
  const second = await barewire(`call ${url} s3.list bucket=reports`, { tokens, era: 'legacy' });
  assert.is(second.code, 0, second.err);
  assert.is(person.opened.length, 1);
});

test('a scope that is missing is asked for when it is needed', async () => {
  const { url } = governed.readonly;
  const { person, tokens } = signingIn(url, ['postgres:query:readonly']);
  const { code, out, err } = await barewire(['call', url.href, 'jira.search', 'jql=project = PAY'], {
    tokens,
    json: true,
  });
  assert.is(code, 0, err);
  assert.ok(JSON.parse(out).structuredContent.total > 0);
  assert.is(person.opened.length, 2);
  assert.match(
    person.opened[1]?.searchParams.get('scope') ?? '',
    /postgres:query:readonly.*jira:read|jira:read.*postgres/,
  );
});

test('a token of another server, and one without the scope: the message says what to do', async () => {
  const { readonly, destructive } = governed;
  const given = (token: string) => ({
    tokens: { token: async () => token, answer: async () => undefined },
    givenToken: true,
  });
  const foreign = await barewire(`list ${destructive.url}`, given(readonly.token));
  assert.is(foreign.code, 3);
  assert.match(
    foreign.err,
    /401 Unauthorized.*the token is for another audience\n[\s\S]*\n {2}The token that you gave is not accepted here\. /,
  );
  const { tokens } = signingIn(readonly.url, ['s3:list']);
  const token = await tokens.answer({ url: readonly.url, status: 401, challenges: ['Bearer'] });
  const narrow = await barewire(
    ['call', readonly.url.href, 'jira.search', 'jql=project = PAY'],
    given(token ?? ''),
  );
  assert.match(
    narrow.err,
    /403 Forbidden.*missing scope: jira:read\n[\s\S]*"scope": "jira:read"[\s\S]*\n {2}The token that you gave does not allow this\. /,
  );
  assert.not.ok(narrow.err.includes(token ?? '?'));
});

const approver = () =>
  new ApproverPerson(governed.destructive.url.origin, governed.addresses.authserver ?? '');
const create = (summary: string) => [
  'call',
  governed.destructive.url.href,
  'jira.create',
  'project=PAY',
  'type=Bug',
  `summary=${summary}`,
];

test('a call that changes something asks for its approval, and goes on once a person has approved', async () => {
  const { tokens } = signingIn(governed.destructive.url);
  const { code, out, err, opened } = await barewire(
    create('Approved'),
    { tokens, json: true },
    { types: ['y', ''], visits: (page) => approver().decide(page) },
  );
  assert.is(code, 0, err);
  assert.is(JSON.parse(out).structuredContent.issue.summary, 'Approved');
  assert.match(opened[0] ?? '', /^http:\/\/localhost:\d+\/approvals\//);
  assert.match(
    err,
    /asks you to open a page:\n {2}jira\.create changes something: [\s\S]*\n {2}host: {4}localhost:\d+\n {2}address: http/,
  );
});

test('a refused call says so, and an undecided one names the page', async () => {
  const { tokens } = signingIn(governed.destructive.url);
  const refused = await barewire(
    create('Refused'),
    { tokens },
    {
      types: ['y', ''],
      visits: (page) => approver().decide(page, 'refuse'),
    },
  );
  assert.equal([refused.code, refused.out], [3, '']);
  assert.match(refused.err, /\n.*a person refused this call\n/);
  assert.not.match(refused.err, /call again/);
  const undecided = await barewire(create('Undecided'), { tokens });
  assert.is(undecided.code, 3);
  assert.match(undecided.err, /Declined: there is no terminal to ask you in\.\n/);
  assert.match(
    undecided.err,
    /a person must approve this call: http:\S+\/approvals\/\S+\n[\s\S]*\n {2}Once a person has approved it, call again\.\n$/,
  );
});

test('the bytes are shown without the token', async () => {
  const { url, token } = governed.readonly;
  const tokens = { token: async () => token, answer: async () => undefined };
  const { err } = await barewire(['call', url.href, 'postgres.readonly', 'sql=select 1'], {
    tokens,
    show: true,
    curl: true,
  });
  assert.match(err, /\n> Authorization: Bearer eyJ\S+… \(\d+ characters\)/i);
  assert.match(err, /\ncurl -si http:\S+ .*-H "Authorization: Bearer \$TOKEN"/i);
  assert.not.ok(err.replaceAll(/\s/g, '').includes(token.slice(0, 40)));
});

test.run();
