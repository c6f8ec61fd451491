/** Four-eyes when one person has several accounts or runs a program, on the page and in Slack. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { readPeople } from '../../src/app/approvals.js';
import { configure } from '../../src/app/settings/config.js';
import type { AcceptedIssuers } from '../../src/governance/approval/accounts.js';
import {
  createIsOwn,
  oneAccountOnly,
  readIssuer,
  readPersons,
  readTenant,
} from '../../src/governance/approval/accounts.js';
import { bench, CALL } from '../approval/bench.js';
import { csrfOf, openBench, signedIn, wordsOf } from './bench.js';

const test = suite('approver/persons');

const { issuer } = CALL.principal;
const OTHER = 'https://other.example';
const accepted: AcceptedIssuers = { issuers: [issuer, OTHER], tenants: new Map() };
const persons = (value: object): string => JSON.stringify({ persons: value });
const ADA = persons({
  ada: [
    { issuer, user: 'ada' },
    { issuer, user: 'ada@other-company.example' },
    { issuer: OTHER, user: 'ada' },
    { issuer, user: 'ci-bot' },
  ],
  bob: [{ issuer, user: 'bob' }],
});
const isOwn = createIsOwn(readPersons(ADA, accepted));
const approver = (user: string, at = issuer) => ({ issuer: at, user, tenant: CALL.principal.tenant });
const approve = { approve: true, comment: '' };

test('one person under two accounts, or two issuers, is one person to four eyes', () => {
  const asked = { issuer, user: 'ada' };
  const own = (account: { issuer: string; user: string }): boolean =>
    isOwn({ ...APPROVAL, ...asked }, account);
  for (const account of [approver('ada'), approver('ada@other-company.example'), approver('ada', OTHER)])
    assert.ok(own(account), `${account.user} of ${account.issuer}`);
  for (const account of [approver('bob'), approver('carl'), approver('bob', OTHER)])
    assert.not(own(account), `${account.user} of ${account.issuer}`);
});

test('people whom the file does not name are as many persons as they have accounts', () => {
  const asked = { ...APPROVAL, issuer, user: 'carl' };
  assert.ok(isOwn(asked, approver('carl')));
  for (const account of [approver('dora'), approver('carl', OTHER), approver('ada')])
    assert.not(isOwn(asked, account), `${account.user} of ${account.issuer}`);
});

for (const via of ['page', 'slack'] as const)
  test(`the owner of a program does not approve its calls (${via})`, async () => {
    const approvals = bench({ fourEyes: true, isOwn });
    const principal = { ...CALL.principal, user: 'ci-bot', clientId: 'ci-bot' };
    const asked = await approvals.ask({ ...CALL, args: { project: 'OPS' }, principal });
    if (asked.kind === 'too-many') throw new Error('there are too many');
    const { id } = asked.approval;
    const decision = await approvals.decide(id, { ...approver('ada'), via }, approve);
    assert.equal([decision.kind, decision.kind === 'not-decided' && decision.why], ['not-decided', 'own']);
    assert.is((await approvals.ask({ ...CALL, args: { project: 'OPS' }, principal })).kind, 'pending');
    assert.is((await approvals.decide(id, { ...approver('bob'), via }, approve)).kind, 'decided');
  });

test('the page tells the owner of a program that somebody else has to decide, and shows no form', async () => {
  const pages = await openBench({ isOwn: createIsOwn(({ user }) => (user === 'ci-bot' ? 'ada' : user)) });
  try {
    const { issuer: at } = pages.issuer;
    const { id } = pages.service.ask({ issuer: at, user: 'ci-bot', fourEyes: true });
    const owner = await signedIn(pages, { sub: 'ada' });
    const page = await owner.get(`/approvals/${id}`);
    assert.match(wordsOf(page), /This is your own request, so somebody else has to decide/);
    assert.not.match(page.text, /name="verdict"|value="approve"/);
    const other = await signedIn(pages, { sub: 'bob' });
    assert.match((await other.get(`/approvals/${id}`)).text, /value="approve"/);
    assert.match(csrfOf(page), /./);
  } finally {
    await pages.close();
  }
});

test('without the setting a person is one user of one issuer, and nobody else', () => {
  const own = createIsOwn(oneAccountOnly);
  const asked = { ...APPROVAL, issuer, user: 'ci-bot' };
  assert.ok(own(asked, approver('ci-bot')));
  assert.not(own(asked, approver('ada')));
  assert.not(own({ ...asked, user: 'ada' }, approver('ada', OTHER)));
});

test('the name of a person in the file is not an account: it matches nothing but its own accounts', () => {
  const odd = JSON.stringify([issuer, 'eve']);
  const own = createIsOwn(readPersons(persons({ [odd]: [{ issuer, user: 'ada' }] }), accepted));
  assert.not(own({ ...APPROVAL, issuer, user: 'ada' }, approver('eve')));
});

const problemOf = (read: () => unknown): string => {
  try {
    read();
  } catch (error) {
    if (error instanceof RangeError) return error.message;
    throw error;
  }
  return '';
};

test('a mistake in an account is reported with its place and the received value', () => {
  const shape = 'expected {"persons": {"NAME": [{"issuer", "user"}]}}, received';
  for (const [text, problem] of [
    ['[]', `${shape} []`],
    ['{"persons":[1]}', `${shape} [1]`],
    [persons({ ada: {} }), '"ada": expected a list of accounts, received {}'],
    [
      persons({ ada: [{ issuer, user: 'ada' }, { issuer: 1 }] }),
      '"ada", account 2: "issuer": expected a non-empty string, received 1',
    ],
    [
      persons({ ada: [{ issuer, user: '' }] }),
      '"ada", account 1: "user": expected a non-empty string, received ""',
    ],
    [
      persons({ ada: [{ issuer: 'https://far.away', user: 'ada' }] }),
      `"ada", account 1: "issuer": expected exactly one of the accepted issuers (${issuer}, ${OTHER}), received "https://far.away"`,
    ],
    [
      persons({
        ada: [{ issuer, user: 'x' }],
        bob: [
          { issuer, user: 'y' },
          { issuer, user: 'x' },
        ],
      }),
      `"bob", account 2: x of ${issuer} is "ada" already`,
    ],
    [persons({ ada: [{ issuer, user: 'ada' }] }), ''],
  ] as const)
    assert.is(
      problemOf(() => readPersons(text, accepted)),
      problem,
    );
});

test('the issuer that is probably meant is named: without its scheme, in another case, or with a few typos', () => {
  const nearest = (wrong: string, ...issuers: string[]) =>
    problemOf(() => readIssuer('here', { issuer: wrong }, { issuers, tenants: new Map() })).split('; ')[1];
  const long = 'https://long.example/abcdefgh';
  for (const [wrong, meant] of [
    ['other.example', OTHER],
    ['HTTP://OTHER.EXAMPLE/', OTHER],
    ['https://othr.exampel', OTHER],
    ['https://long.example/a/b/c/d/e/f/g/h', undefined],
    ['https://long.example/https://abcdefgh', undefined],
    ['https://long.example/ab', long],
    ['https://long.example/a', undefined],
  ] as const)
    assert.is(nearest(wrong, OTHER, long), meant && `the nearest is ${JSON.stringify(meant)}`, wrong);
  // The nearest of several, and of equally near ones the first.
  const [one, two] = ['https://h.example/abc', 'https://h.example/abd'];
  assert.is(nearest('https://h.example/abdx', one, two), `the nearest is "${two}"`);
  assert.is(nearest('https://h.example/abdx', two, one), `the nearest is "${two}"`);
  assert.is(nearest('https://h.example/abe', one, two), `the nearest is "${one}"`);
});

test('a tenant must be one that the issuer may name', () => {
  const read = (tenant: unknown, at = issuer) =>
    readTenant('here', { tenant }, at, { tenants: new Map([[issuer, ['acme', 'globex']]]) });
  assert.is(read('acme'), 'acme');
  assert.is(read('any', OTHER), 'any');
  for (const [tenant, problem] of [
    ['*', 'here: "tenant": expected the tenant of one person, received "*"'],
    ['', 'here: "tenant": expected a non-empty string, received ""'],
    [undefined, 'here: "tenant": expected a non-empty string, received nothing'],
    [
      'other',
      `here: "tenant": expected one that ${issuer} may name by --issuer-rules (acme, globex), received "other"`,
    ],
  ] as const)
    assert.is(
      problemOf(() => read(tenant)),
      problem,
    );
});

test('a file has a hundred thousand accounts at most, of however many people', () => {
  const each = (count: number) =>
    persons(
      Object.fromEntries(Array.from({ length: count }, (_, n) => [`${n}`, [{ issuer, user: `${n}` }]])),
    );
  assert.is(
    problemOf(() => readPersons(each(100_000), accepted)),
    '',
  );
  assert.is(
    problemOf(() => readPersons(each(100_001), accepted)),
    'expected at most 100000 accounts',
  );
});

test('a mistake in a file of persons is reported with the setting and the account', async () => {
  for (const [text, problem] of [
    ['x', /not JSON|JSON/],
    ['{}', /expected {"persons": {"NAME": \[{"issuer", "user"}\]}}/],
    [persons({ ada: [[[[[[[]]]]]]] }), /nested deeper than 8 levels/],
    [persons({ ada: [] }), /"ada": expected a list of accounts/],
    [persons({ ada: ['ada'] }), /"ada", account 1: "issuer": expected a non-empty string/],
    [persons({ ada: [{ issuer: `${OTHER}/`, user: 'ada' }] }), /the nearest is "https:\/\/other\.example"/],
    [persons({ ada: [{ issuer }] }), /"ada", account 1: "user": expected a non-empty string/],
    [
      persons({ ada: [{ issuer, user: 'x' }], bob: [{ issuer, user: 'x' }] }),
      /"bob", account 1: x of .* is "ada" already/,
    ],
  ] as const)
    assert.throws(() => readPersons(text, accepted), problem);
  const folder = await mkdtemp(join(tmpdir(), 'persons-'));
  try {
    const file = join(folder, 'persons.json');
    await writeFile(file, ADA);
    const { personOf } = await readPeople(configure({ persons: file }), accepted);
    assert.is(personOf({ issuer, user: 'ci-bot' }), personOf({ issuer: OTHER, user: 'ada' }));
    await writeFile(file, '{}');
    const problem = await readPeople(configure({ persons: file }), accepted).catch(String);
    assert.match(String(problem), /--persons .*persons\.json: expected {"persons"/);
  } finally {
    await rm(folder, { recursive: true });
  }
});

const APPROVAL = {
  ...{ id: 'id-1', server: 's', tool: 't', tenant: 'acme', clientId: 'c', digest: '', args: {}, reason: '' },
  ...{ issuer, user: 'ada', createdAt: 0, expiresAt: 1, fourEyes: true, state: 'pending' as const },
};

test.run();
