/** The page of all settings, and the other pages that mention them. */
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { CLIENT_SECRETS } from '../src/app/commands/client-flags.js';
import { SETTINGS } from '../src/app/settings/config.js';
import { readConfigFile } from '../src/app/settings/config-file.js';
import { PAGE, page } from './settings-page.js';
import { ROOT } from './support/process.js';

const test = suite('settings-page');

test('src/app/SETTINGS.md is what "npm run settings -- --write" writes', () => {
  assert.is(readFileSync(PAGE, 'utf8'), page());
});

test('the server can read the configuration file that the page shows', () => {
  const [example = ''] = /(?<=^```json\n)[^`]*/m.exec(page()) ?? [];
  const folder = mkdtempSync(join(tmpdir(), 'barewire-settings-'));
  const file = join(folder, 'barewire.json');
  try {
    writeFileSync(file, example);
    assert.equal([...readConfigFile(file).keys()].length, example.match(/^ {2}"[a-z]/gm)?.length);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test('every variable with our prefix that a page mentions is one of a setting', () => {
  const variables = new Set(
    [...SETTINGS, ...CLIENT_SECRETS].flatMap(({ variable }) => [variable, `${variable}_FILE`]),
  );
  const pages = ['README.md', '.github', 'spec-fixtures', 'src'].flatMap((place) =>
    place.endsWith('.md')
      ? [place]
      : readdirSync(join(ROOT, place), { recursive: true, encoding: 'utf8' })
          .filter((name) => name.endsWith('.md'))
          .map((name) => join(place, name)),
  );
  for (const name of pages) {
    const text = readFileSync(join(ROOT, name), 'utf8');
    for (const [mentioned] of text.matchAll(/\bBAREWIRE_(?!TEST_)[A-Z_]*[A-Z]\b/g))
      assert.ok(variables.has(mentioned), `${name}: ${mentioned}`);
  }
});

test.run();
