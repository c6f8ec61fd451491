/** The page of the rules. */
import { readFileSync } from 'node:fs';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { PAGE, page } from './rules-page.js';

const test = suite('cli/rules-page');

test('its table of clauses matches the sources', () => {
  const written = readFileSync(PAGE, 'utf8');
  assert.is(written, page());
  assert.ok(written.includes('`2026-07-28/basic/002`'));
});

test.run();
