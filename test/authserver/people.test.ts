import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { demoScript } from '../../src/demo/data/seed.js';
import { findPerson, PEOPLE, signIn } from '../../src/services/authserver/people.js';
import { Browser, PERSON, signIn as signInAt } from '../support/person.js';
import { post, READONLY, run } from './running.js';

const test = suite('authserver/people');

test('everybody who can sign in works at the demo company, with this name and title', () => {
  const employees = demoScript();
  assert.ok(PEOPLE.length > 1);
  for (const { email, name, title } of PEOPLE) {
    const [role, team] = title.split(', ');
    assert.ok(employees.includes(`'${name}','${email}','${role}','${team}'`), email);
  }
});

test('an address is found in any case, and its password is needed', () => {
  const { login, password } = PERSON;
  assert.is(findPerson(` ${login.toUpperCase()} `)?.email, login);
  assert.is(signIn(login, password, password)?.email, login);
  assert.is(signIn(login, '', password), undefined);
  assert.is(signIn(login, password, 'another-of-their-own'), undefined);
  assert.is(signIn('nobody@example.com', password, password), undefined);
});

test('where a password was set, no page shows one, and the well-known one signs nobody in', async () => {
  const password = 'known-to-one-person';
  const server = await run({ password });
  try {
    const asked = await post(`${server.issuer}/device_authorization`, { resource: READONLY });
    const browser = new Browser(server.issuer);
    const code = await browser.open(String(asked.body.verification_uri_complete));
    assert.ok('page' in code);
    const login = await browser.press(code.page, {}, { name: 'confirm', value: 'yes' });
    assert.ok('page' in login);
    const home = await (await fetch(`${server.issuer}/`)).text();
    for (const text of [login.page.text, home]) {
      assert.match(text, /the password that this server was started with/);
      assert.not.match(text, /<code>demo<\/code>|known-to-one-person/);
    }
    const refused = await signInAt(browser, login);
    assert.ok('page' in refused);
    assert.match(refused.page.text, /The password is wrong/);
    const allowed = await signInAt(browser, login, { login: PERSON.login, password });
    assert.ok('page' in allowed);
    assert.match(allowed.page.text, /value="allow"/);
  } finally {
    await server.close();
  }
});

test.run();
