import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { findPerson, PEOPLE, signIn } from '../../src/authserver/people.js';
import { demoScript } from '../../src/store/demo/seed.js';
import { PERSON } from '../support/person.js';

const test = suite('authserver/people');

test('whoever can sign in works at the demo company, under this name and title', () => {
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
  assert.is(signIn(login, password)?.email, login);
  assert.is(signIn(login, ''), undefined);
  assert.is(signIn('nobody@example.com', password), undefined);
});

test.run();
