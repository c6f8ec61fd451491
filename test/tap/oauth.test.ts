/**
 * The official TypeScript clients get their tokens through the tap: from its address and nothing else to a change that a person
 * has approved. They compare the resource, the issuer and the issuer in the answer of the browser with what they asked for.
 */
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { isRecord } from '../../src/wire/value.js';
import { browserFor, closeBrowser, Person } from '../interop/browser.js';
import { refusal } from '../interop/expectations.js';
import { type Callback, type Documents, openCallback, openDocuments } from '../interop/oauth-callback.js';
import { CASES, type Case } from '../interop/oauth-cases.js';
import { Program } from '../interop/oauth-programs.js';
import { openServers, type Servers } from '../interop/oauth-servers.js';
import { described, Wallet } from '../interop/oauth-wallet.js';
import { Wire } from '../interop/oauth-wire.js';
import { reportSkip } from '../support/programs.js';
import { openTap, type Tap } from './opened.js';

const test = suite('tap/oauth');
const asking = browserFor('tap/oauth') ? test : test.skip;

let documents: Documents | undefined;
let servers: Servers;
let callback: Callback;
let reading: Tap;
let changing: Tap;

test.before(async () => {
  documents = await openDocuments();
  servers = await openServers(documents?.certificate, 'token');
  callback = await openCallback();
  reading = await openTap(servers.readonly);
  changing = await openTap(servers.destructive);
});
test.after(async () => {
  await closeBrowser();
  await reading.close();
  await changing.close();
  await callback.close();
  await servers.close();
  await documents?.close();
});

function program({ name, kind, documented }: Case, url: URL, person: Person): Program {
  const client = described(`Client ${name}`, callback.redirectUri, 'refresh_token');
  const wallet = new Wallet(client, documented ? documents?.describe(client) : undefined);
  const nameOf = ({ origin, pathname }: URL): string =>
    `${origin === reading.url.origin || origin === changing.url.origin ? 'tap' : origin}${pathname}`;
  const wire = new Wire(nameOf);
  return new Program(() => kind(url, wallet, wire), wallet, wire, callback, person);
}

for (const one of CASES) {
  const { name, documented } = one;
  const check = (fact: string, run: (person: Person) => Promise<void>): void => {
    asking(`${name}: ${fact}`, async () => {
      if (documented && documents === undefined) {
        reportSkip(
          'tap/oauth, clients that documents describe',
          'there is no openssl here to make a certificate',
        );
        return;
      }
      const person = await Person.arrive(name);
      person.issuer = servers.authserver;
      await run(person);
      await person.leave();
    });
  };

  check('gets a token for the server, and talks only to the tap', async (person) => {
    const running = program(one, reading.url, person);
    await running.connect();
    assert.ok((await running.tools()).includes('postgres.readonly'));
    const { structuredContent } = await running.call('postgres.readonly', { sql: 'select 6 * 7 as answer' });
    assert.equal(isRecord(structuredContent) && structuredContent.rows, [[42]]);
    const { wallet, wire } = running;
    assert.is(wallet.opened[0]?.searchParams.get('resource'), reading.url.href);
    const token = wallet.saved?.access_token.split('.')[1] ?? '';
    assert.is(JSON.parse(Buffer.from(token, 'base64url').toString()).aud, servers.readonly.href);
    assert.equal(
      wire.next().filter((step) => !/^\w+ tap\//.test(step)),
      [],
    );
    await running.close();
  });

  check('steps up for a change that a person approves', async (person) => {
    const running = program(one, changing.url, person);
    await running.connect();
    const { structuredContent } = await running.call('jira.create', {
      project: 'OPS',
      type: 'Task',
      summary: `through the tap by ${name}`,
    });
    assert.ok(isRecord(structuredContent) && isRecord(structuredContent.issue));
    await running.close();
  });

  check('receives the refusal of a person', async (person) => {
    const running = program(one, reading.url, person);
    const { message } = await refusal(running.connect('no'));
    assert.match(message, 'the person said no');
    await running.close();
  });
}

asking('no secret of the flow is stored or printed', async () => {
  for (const tap of [reading, changing]) {
    tap.observation.queue.flush();
    const stored = JSON.stringify(tap.observation.store.all) + tap.written();
    assert.match(stored, 'authorization_endpoint');
    assert.not.match(stored, /"(?:access_token|refresh_token)":"(?!\[hidden\])/);
    assert.not.match(stored, /[?&](?:code|state|code_verifier)=(?!\[hidden\])\w/);
  }
});

test.run();
