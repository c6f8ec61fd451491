/** Holds `.github/SECURITY.md` to its word: each claim names a test that is there, by file and title. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';

const test = suite('security');
const root = fileURLToPath(new URL('..', import.meta.url));
const text = readFileSync(join(root, '.github', 'SECURITY.md'), 'utf8');

type Claim = { line: string; tests: { file: string; title: string }[] };

/** The bullets under each "Stopped:", with the lines that continue them. A test is named as `test/…` "title". */
function claimsIn(markdown: string): Claim[] {
  const claims: Claim[] = [];
  let stopped = false;
  for (const line of markdown.split('\n')) {
    if (/^(#|\*\*|[A-Z])/.test(line)) stopped = line.startsWith('**Stopped');
    else if (stopped && line.startsWith('- ')) claims.push({ line, tests: [] });
    else if (stopped && claims.length > 0 && /^ {2}\S/.test(line)) {
      const last = claims.at(-1);
      if (last !== undefined) last.line += ` ${line.trim()}`;
    }
  }
  for (const claim of claims)
    for (const [, file = '', title = ''] of claim.line.matchAll(
      /`((?:test|spec-fixtures)\/[\w./-]+)` "([^"]+)"/g,
    ))
      claim.tests.push({ file, title });
  return claims;
}

const claims = claimsIn(text);

test('every claim about a stopped attack names a test', () => {
  assert.ok(claims.length >= 30, `${claims.length} claims`);
  assert.equal(
    claims.filter(({ tests }) => tests.length === 0).map(({ line }) => line),
    [],
  );
});

test('every test that a claim names exists under that title', () => {
  const missing = claims
    .flatMap(({ tests }) => tests)
    .filter(({ file, title }) => {
      const path = join(root, file);
      return !existsSync(path) || !titlesText(readFileSync(path, 'utf8')).includes(title);
    });
  assert.equal(missing, []);
});

test('a claim without a test, and one that continues on the next line, are read', () => {
  const sample = '**Stopped**\n- one\n- two\n  `test/a.test.ts` "a title"\n\n**Not stopped**\n- three\n';
  assert.equal(
    claimsIn(sample).map(({ tests }) => tests),
    [[], [{ file: 'test/a.test.ts', title: 'a title' }]],
  );
});

/** Source text with what is escaped in strings, and how they are broken over lines, undone. */
function titlesText(source: string): string {
  return source.replaceAll("\\'", "'").replaceAll(/\s+/g, ' ');
}

test.run();
