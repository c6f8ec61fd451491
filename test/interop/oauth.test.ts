/**
 * The official TypeScript clients, from a URL and nothing else to a change that a person has approved: discovery,
 * registration, sign-in and consent on the real pages, tokens, tools, step-up. What they do by themselves is left to
 * them; steps are compared one by one, because they are what a reader of the wire sees.
 */
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { isRecord } from '../../src/wire/value.js';
import { reportSkip } from '../support/programs.js';
import { browserFor, closeBrowser, Person } from './browser.js';
import { refusal } from './expectations.js';
import { type Callback, type Documents, openCallback, openDocuments } from './oauth-callback.js';
import { CASES, type Case, way } from './oauth-cases.js';
import { Program } from './oauth-programs.js';
import { openServers, type Servers } from './oauth-servers.js';
import { described, Wallet } from './oauth-wallet.js';
import { Wire } from './oauth-wire.js';

const test = suite('interop/oauth');
const asking = browserFor('interop/oauth') ? test : test.skip;

const READ = 'postgres:query:readonly s3:list jira:read incidents:read';
const WRITE = 'jira:write incidents:write';
const APPROVED = 'approved:by:human';

let documents: Documents | undefined;
let servers: Servers;
let callback: Callback;
let person: Person;

test.before(async () => {
  documents = await openDocuments();
  servers = await openServers(documents?.certificate, 'token');
  callback = await openCallback();
});
test.after(async () => {
  await closeBrowser();
  await callback.close();
  await servers.close();
  await documents?.close();
});

function program({ name, kind, documented }: Pick<Case, 'name' | 'kind' | 'documented'>, url: URL): Program {
  const client = described(`Client ${name}`, callback.redirectUri, 'refresh_token');
  const wallet = new Wallet(client, documented ? documents?.describe(client) : undefined);
  const wire = new Wire(servers.nameOf);
  return new Program(() => kind(url, wallet, wire), wallet, wire, callback, person);
}

const titles = (running: Program): string[] => running.pages().map(({ title }) => title);

for (const one of CASES) {
  const { name, documented, also } = one;
  let reading: Program;
  let changing: Program;

  const check = (fact: string, run: () => Promise<void>): void => {
    asking(`${name}: ${fact}`, async () => {
      if (documented && documents === undefined) {
        reportSkip(
          'interop/oauth, clients that documents describe',
          'there is no openssl here to make a certificate',
        );
        return;
      }
      await run();
    });
  };

  check('finds its way from the URL to the tools, by way of a person', async () => {
    person = await Person.arrive(name);
    reading = program(one, servers.readonly);
    await reading.connect();
    assert.equal(await reading.tools(), [
      'postgres.readonly',
      's3.list',
      'jira.search',
      'incidents.list',
      'incidents.get',
    ]);
    const { wire, wallet } = reading;
    assert.equal(wire.next(), way(one, 'readonly'));
    assert.equal(titles(reading), ['Sign in', `Allow access for “Client ${name}”?`]);
    const asked = wallet.opened[0]?.searchParams;
    assert.is(asked?.get('resource'), servers.readonly.href);
    assert.is(asked?.get('scope'), READ + also);
    assert.is(asked?.get('code_challenge_method'), 'S256');
    assert.is(wire.forms[0]?.get('resource'), servers.readonly.href);
    assert.is(wallet.saved?.scope, READ);
    assert.is(wire.registrations.length, documented ? 0 : 1);
    const id = wallet.client?.client_id ?? '';
    assert.equal(
      [id === wallet.clientMetadataUrl, documents?.asked.includes(id) === true],
      [documented, documented],
    );
    const { structuredContent } = await reading.call('postgres.readonly', { sql: 'select 6 * 7 as answer' });
    assert.equal(isRecord(structuredContent) && structuredContent.rows, [[42]]);
  });

  check('is refused a change, has a person asked, and changes something', async () => {
    changing = program(one, servers.destructive);
    await changing.connect();
    assert.equal(await changing.tools(), ['jira.create', 'incidents.ack']);
    assert.equal(changing.wire.next(), way(one, 'destructive'));
    // The same person in the same browser: its cookie is no proof of that, so the password is asked for again.
    assert.equal(titles(changing), ['Sign in', `Allow access for “Client ${name}”?`]);
    assert.is(changing.wallet.saved?.scope, WRITE);

    const { structuredContent } = await changing.call('jira.create', issueOf(name));
    assert.equal(changing.wire.next(), [
      'POST destructive/mcp tools/call 403',
      'POST authserver/token 200',
      'POST destructive/mcp tools/call 200',
    ]);
    const [password, page, ...more] = changing.pages();
    assert.is(password?.title, 'Sign in');
    assert.is(page?.title, `Approve what “Client ${name}” wants to do?`);
    assert.match(page?.text ?? '', /Create a Jira issue \(jira\.create\)/);
    assert.equal(more, []);
    const scopes = changing.wallet.saved?.scope?.split(' ') ?? [];
    assert.ok(scopes.includes('jira:write') && scopes.includes(APPROVED));
    assert.ok(isRecord(structuredContent) && isRecord(structuredContent.issue));
    assert.equal(await found(reading, name), [structuredContent.issue.key]);
  });

  check('changes something else while the approval is fresh, and nobody is asked again', async () => {
    await changing.call('jira.create', issueOf(`${name}, again`));
    assert.equal(changing.wire.next(), ['POST destructive/mcp tools/call 200']);
    assert.equal(changing.pages(), []);
  });

  check('receives the refusal of a person who is asked for access, and has no token', async () => {
    const refused = program(one, servers.readonly);
    const { message } = await refusal(refused.connect('no'));
    assert.match(message, 'the person said no');
    assert.is(refused.wallet.saved, undefined);
    assert.not.ok(refused.wire.next().includes('POST authserver/token 200'));
    await refused.close();
  });

  check('receives the refusal of a person who is asked to approve, and nothing has changed', async () => {
    const refused = program(one, servers.destructive);
    await refused.connect();
    const { message } = await refusal(refused.call('jira.create', issueOf(`${name}, refused`), 'no'));
    assert.match(message, 'the person said no');
    assert.is(refused.wallet.saved?.scope, WRITE);
    assert.equal(await found(reading, `${name}, refused`), []);
    await Promise.all([refused, reading, changing].map((running) => running.close()));
    assert.equal(person.complaints, []);
    await person.leave();
  });
}

const label = (name: string): string => name.replace(/[^a-z0-9]+/g, '-');
const issueOf = (name: string) => ({
  project: 'OPS',
  type: 'Task',
  summary: 'Read the wire',
  labels: [label(name)],
});

/** Keys of the issues with that label, as the other server tells. */
async function found(reading: Program, name: string): Promise<unknown[]> {
  const jql = `project = OPS AND labels = "${label(name)}"`;
  const { structuredContent } = await reading.call('jira.search', { jql });
  if (!isRecord(structuredContent) || !Array.isArray(structuredContent.issues)) return ['no answer'];
  return structuredContent.issues.map((issue) => isRecord(issue) && issue.key);
}

test.run();
