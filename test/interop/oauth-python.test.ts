/**
 * The official Python client, from a URL to a change that a person has approved. It asks for more within the call that
 * was refused, so its caller notices nothing but the wait for a person.
 */
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { isRecord } from '../../src/wire/value.js';
import { reportSkip } from '../support/programs.js';
import { browserFor, closeBrowser, Person } from './browser.js';
import { refusal } from './expectations.js';
import { type Documents, openDocuments } from './oauth-callback.js';
import { PythonProgram, preparePython } from './oauth-python.js';
import { openServers, type Servers } from './oauth-servers.js';

const test = suite('interop/oauth-python');
const prepared = browserFor('interop/oauth-python')
  ? await preparePython()
  : { reason: 'nobody can be asked' };
const asking = 'python' in prepared ? test : test.skip;
if ('reason' in prepared) reportSkip('interop/oauth-python', prepared.reason);

const READ = 'postgres:query:readonly s3:list jira:read incidents:read offline_access';
const WRITE = 'jira:write incidents:write offline_access';
const ISSUE = { project: 'OPS', type: 'Task', summary: 'Read the wire in Python' };

let documents: Documents | undefined;
let servers: Servers;
let person: Person;
const programs: PythonProgram[] = [];

test.before(async () => {
  if (!('python' in prepared)) return;
  documents = await openDocuments();
  servers = await openServers(documents?.certificate);
  person = await Person.arrive('Python');
});
test.after(async () => {
  for (const program of programs) program.kill();
  await closeBrowser();
  await servers?.close();
  await documents?.close();
});

function program(url: URL, ...describedAt: string[]): PythonProgram {
  const python = 'python' in prepared ? prepared.python : '';
  const made = new PythonProgram(python, person, [url.href, 'Snake', ...describedAt]);
  programs.push(made);
  return made;
}

const titles = ({ pages }: PythonProgram): string[] => pages.splice(0).map(({ title }) => title);
const steps = (running: PythonProgram): string[] =>
  running.steps
    .splice(0)
    .map(({ method, url, message, status }) =>
      [method, servers.nameOf(url), message, status].filter((part) => part !== undefined).join(' '),
    );
const way = (server: string, ...registering: string[]): string[] => [
  `POST ${server}/mcp server/discover 401`,
  `GET ${server}/.well-known/oauth-protected-resource/mcp 200`,
  'GET authserver/.well-known/oauth-authorization-server 200',
  ...registering,
  'POST authserver/token 200',
  `POST ${server}/mcp server/discover 200`,
  `POST ${server}/mcp tools/list 200`,
];

asking('finds its way from the URL to the tools, by way of a person', async () => {
  const reading = program(servers.readonly);
  const tools = await reading.connected();
  assert.equal(tools, ['postgres.readonly', 's3.list', 'jira.search', 'incidents.list', 'incidents.get']);
  assert.equal(steps(reading), way('readonly', 'POST authserver/register 201'));
  assert.equal(titles(reading), ['Sign in', 'Allow access for “Snake”?']);
  const asked = reading.opened[0]?.searchParams;
  assert.is(asked?.get('resource'), servers.readonly.href);
  assert.is(asked?.get('scope'), READ);
  assert.is(asked?.get('prompt'), 'consent');
  const result = await reading.call('postgres.readonly', { sql: 'select 6 * 7 as answer' });
  assert.equal(isRecord(result) && result.rows, [[42]]);
  assert.is(await reading.close(), 0);
});

asking('is refused a change, has a person asked, and changes something, all in one call', async () => {
  const changing = program(servers.destructive);
  assert.equal(await changing.connected(), ['jira.create', 'incidents.ack']);
  assert.equal(steps(changing), way('destructive', 'POST authserver/register 201'));
  assert.equal(titles(changing), ['Sign in', 'Allow access for “Snake”?']);

  const result = await changing.call('jira.create', ISSUE);
  assert.ok(isRecord(result) && isRecord(result.issue));
  assert.is(result.issue.summary, ISSUE.summary);
  assert.equal(steps(changing), [
    'POST destructive/mcp tools/call 403',
    'POST authserver/token 200',
    'POST destructive/mcp tools/call 200',
  ]);
  assert.equal(titles(changing), ['Sign in', 'Approve what “Snake” wants to do?']);
  assert.is(changing.opened[1]?.searchParams.get('scope'), `${WRITE} approved:by:human`);

  await changing.call('jira.create', ISSUE);
  assert.equal(steps(changing), ['POST destructive/mcp tools/call 200']);
  assert.equal(titles(changing), []);
  assert.is(await changing.close(), 0);
});

// The port of its callback is a new one each time; a document cannot know it, and need not (RFC 8252, section 7.3).
asking('is identified by its document, whichever port it is called back at', async () => {
  if (documents === undefined) {
    reportSkip(
      'interop/oauth-python, known by its document',
      'there is no openssl here to make a certificate',
    );
    return;
  }
  const address = documents.describe({
    client_name: 'Snake with papers',
    redirect_uris: ['http://127.0.0.1/callback'],
    grant_types: ['authorization_code', 'refresh_token'],
  });
  const changing = program(servers.destructive, address);
  await changing.connected();
  assert.equal(steps(changing), way('destructive'));
  await changing.call('jira.create', ISSUE);
  assert.equal(titles(changing), [
    'Sign in',
    'Allow access for “Snake with papers”?',
    'Sign in',
    'Approve what “Snake with papers” wants to do?',
  ]);
  assert.equal(
    changing.opened.map(({ searchParams }) => searchParams.get('client_id')),
    [address, address],
  );
  assert.is(await changing.close(), 0);
});

asking('receives the refusal of the person, at first and when asked to approve', async () => {
  const stranger = program(servers.readonly);
  assert.match((await refusal(stranger.connected('no'))).message, 'access_denied: the person said no');
  assert.not.ok(steps(stranger).includes('POST authserver/token 200'));
  assert.is(await stranger.close(), 0);

  const changing = program(servers.destructive);
  await changing.connected();
  steps(changing);
  const { message } = await refusal(changing.call('jira.create', ISSUE, 'no'));
  assert.match(message, 'access_denied: the person said no');
  assert.equal(steps(changing), ['POST destructive/mcp tools/call 403']);
  await changing.close();
  assert.equal(person.complaints, []);
});

test.run();
