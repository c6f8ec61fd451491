import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { approve, Browser, decide, PERSON } from '../support/person.js';
import {
  type Answer,
  claimsOf,
  DEVICE_GRANT,
  post,
  READONLY,
  type Running,
  register,
  run,
} from './running.js';

const test = suite('authserver/device');
let server: Running;
test.before(async () => {
  server = await run();
});
test.after(() => server.close());

const SCOPE = 'postgres:query:readonly';
const ask = async (fields: { [name: string]: string } = {}): Promise<Answer['body']> =>
  (await post(`${server.issuer}/device_authorization`, { resource: READONLY, scope: SCOPE, ...fields })).body;
const poll = (asked: Answer['body']): Promise<Answer> =>
  post(`${server.issuer}/token`, { grant_type: DEVICE_GRANT, device_code: String(asked.device_code) });

test('a person approves in a browser what curl asked for', async () => {
  const asked = await ask();
  assert.is(asked.verification_uri, `${server.issuer}/device`);
  assert.match(String(asked.user_code), /^[B-Z]{4}-[B-Z]{4}$/);
  assert.is(asked.verification_uri_complete, `${server.issuer}/device?user_code=${asked.user_code}`);
  const pending = await poll(asked);
  assert.equal([pending.status, pending.body.error], [400, 'authorization_pending']);

  const end = await approve(String(asked.verification_uri_complete));
  assert.match(end.text, /<h1>Done<\/h1>/);
  const { status, body } = await poll(asked);
  assert.is(status, 200);
  const { sub, aud, client_id: clientId, scope } = claimsOf(body.access_token);
  assert.equal([sub, aud, clientId, scope], [PERSON.login, READONLY, 'demo', SCOPE]);
  assert.is((await poll(asked)).body.error, 'invalid_grant', 'a device code counts once');
});

test('the code may be typed in lower case and without its dash', async () => {
  const asked = await ask();
  const browser = new Browser(server.issuer);
  const first = await browser.open(String(asked.verification_uri));
  assert.ok('page' in first);
  const typed = String(asked.user_code).toLowerCase().replace('-', '');
  const compare = await browser.press(first.page, { user_code: typed });
  assert.ok('page' in compare);
  assert.ok(compare.page.text.includes(String(asked.user_code)), 'it is shown as the device shows it');
  await decide(browser, compare, PERSON);
  assert.is((await poll(asked)).status, 200);
});

test('a code in the address is compared before anything else happens', async () => {
  const asked = await ask();
  const opened = await new Browser(server.issuer).open(String(asked.verification_uri_complete));
  assert.ok('page' in opened);
  assert.match(opened.page.text, /<h1>Is this your code\?<\/h1>/);
  assert.ok(opened.page.text.includes(String(asked.user_code)));
  assert.is((await poll(asked)).body.error, 'authorization_pending');
});

test('a refusal, of the code or of the consent, is reported to the device', async () => {
  const first = await ask();
  const browser = new Browser(server.issuer);
  const opened = await browser.open(String(first.verification_uri_complete));
  assert.ok('page' in opened);
  const refused = await browser.press(opened.page, {}, { name: 'abort', value: 'yes' });
  assert.ok('page' in refused && /<h1>Refused<\/h1>/.test(refused.page.text));
  assert.is((await poll(first)).body.error, 'access_denied');

  const second = await ask();
  const end = await approve(String(second.verification_uri_complete), { ...PERSON, consent: 'deny' });
  assert.match(end.text, /<h1>Refused<\/h1>/);
  assert.is((await poll(second)).body.error, 'access_denied');
});

test('a code that does not exist, or was used, is reported as such', async () => {
  const browser = new Browser(server.issuer);
  for (const code of ['BBBB-BBBB', '', '<b>"', '0'.repeat(5_000)]) {
    const end = await browser.open(`${server.issuer}/device?${new URLSearchParams({ user_code: code })}`);
    assert.ok('page' in end);
    assert.match(end.page.text, /role="alert">There is no such code/);
    assert.not.match(end.page.text, /<b>"/);
  }
  const asked = await ask();
  await approve(String(asked.verification_uri_complete));
  const again = await approve(String(asked.verification_uri_complete));
  assert.match(again.text, /role="alert">This code was used already/);
});

test('a wrong password is reported, and the code can still be used', async () => {
  const asked = await ask();
  const address = String(asked.verification_uri_complete);
  const browser = new Browser(server.issuer);
  const at = await decide(browser, await browser.open(address), { ...PERSON, password: 'wrong' });
  assert.ok('page' in at);
  assert.is(at.page.status, 400);
  assert.match(at.page.text, /role="alert">The password is wrong/);
  const { login, password } = PERSON;
  const next = await browser.press(at.page, { login, password }, { name: 'do', value: 'login' });
  await decide(browser, next, PERSON);
  assert.is((await poll(asked)).status, 200);
});

test('a public client may use it, and another client may not poll for it', async () => {
  const id = await register(server.issuer, {
    grant_types: [DEVICE_GRANT],
    response_types: [],
    redirect_uris: [],
  });
  const fields = { client_id: id, resource: READONLY, scope: SCOPE };
  const asked = (await post(`${server.issuer}/device_authorization`, fields, '')).body;
  await approve(String(asked.verification_uri_complete));
  assert.is((await poll(asked)).body.error, 'invalid_grant');
  const grant = { grant_type: DEVICE_GRANT, device_code: String(asked.device_code), client_id: id };
  assert.is((await post(`${server.issuer}/token`, grant, '')).status, 200);
});

test('a form of a session that is gone leads to a page, not to an error', async () => {
  const asked = await ask();
  const opened = await new Browser(server.issuer).open(String(asked.verification_uri_complete));
  assert.ok('page' in opened);
  const other = new Browser(server.issuer);
  const ends = [
    await other.press(opened.page, {}, { name: 'confirm', value: 'yes' }),
    await other.open(`${server.issuer}/device/another`),
    await other.open(`${server.issuer}/authorize/another`),
  ];
  for (const end of ends) {
    assert.ok('page' in end);
    assert.is(end.page.status, 400);
    assert.match(end.page.text, /role="alert">[^<]*expired/);
  }
});

test('an unknown scope or resource is refused at once', async () => {
  assert.is((await ask({ scope: 'nothing' })).error, 'invalid_scope');
  assert.is((await ask({ resource: 'http://localhost:1/' })).error, 'invalid_target');
});

test('none of this was an error of the server', () => {
  assert.equal(server.errors, []);
});

test.run();
