import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { IMPLICATIONS } from '../src/app/settings/tables.js';

const test = suite('setting-types');

test('a scope may have the name of a member that every object has', () => {
  const implied = IMPLICATIONS.read('constructor=a:read,__proto__=b:read,constructor=c:read+d:read');
  assert.equal(Object.entries(implied), [
    ['constructor', ['a:read', 'c:read', 'd:read']],
    ['__proto__', ['b:read']],
  ]);
});

test.run();
