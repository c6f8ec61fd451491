/** What plainly-fits.ts recognizes, ajv accepts too. */
import * as fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { plainlyFits } from '../../src/services/registry/manifest/plainly-fits.js';
import { MANIFEST_SCHEMA } from '../../src/services/registry/manifest/schema.js';
import { compileSchema } from '../../src/wire/schema/compile.js';
import { altered, sent } from './documents.js';

const test = suite('manifest/plainly-fits');
const check = compileSchema('manifest', MANIFEST_SCHEMA);

const POINTERS = [
  ...[
    '/name',
    '/title',
    '/version',
    '/transport',
    '/url',
    '/revisions',
    '/revisions/0',
    '/auth',
    '/auth/issuers',
  ],
  ...[
    '/auth/resourceMetadata',
    '/auth/own',
    '/owner',
    '/slo',
    '/slo/availabilityPercent',
    '/slo/p99Ms',
    '/slo/own',
  ],
  ...[
    '/digest',
    '/tools',
    '/tools/0',
    '/tools/0/name',
    '/tools/0/title',
    '/tools/0/scope',
    '/tools/0/destructive',
  ],
  ...['/tools/0/schema', '/tools/0/schema/type', '/tools/0/outputSchema', '/tools/0/own', '/own'],
];
const value = fc.oneof(
  fc.constantFrom<unknown>(
    undefined,
    null,
    true,
    0,
    1,
    -1,
    100,
    101,
    '',
    ' ',
    'a',
    'a b',
    '\u200b',
    'object',
  ),
  fc.constantFrom<unknown>(
    '😀'.repeat(100),
    '😀'.repeat(101),
    'x'.repeat(201),
    'https://a.example/',
    'https://a.example?b',
  ),
  fc.constantFrom<unknown>(
    [],
    {},
    ['2025-11-25'],
    ['2025-11-25', '2025-11-25'],
    ['https://a.example'],
    [{}, {}],
  ),
  fc.string(),
);

test('whatever one member is changed to, it recognizes no manifest that ajv refuses', () => {
  let recognized = 0;
  const property = fc.property(fc.constantFrom(...POINTERS), value, (pointer, changed) => {
    const document = altered(pointer, changed);
    if (!plainlyFits(MANIFEST_SCHEMA, document)) return;
    recognized += 1;
    assert.is(check(document), undefined, `${pointer} ${JSON.stringify(changed)}`);
  });
  fc.assert(property, { numRuns: 3_000 });
  assert.ok(recognized > 100, `${recognized} recognized`);
});
test('it recognizes a manifest that is in order, and not one that lacks a member', () => {
  assert.ok(plainlyFits(MANIFEST_SCHEMA, sent()));
  for (const name of ['name', 'url', 'owner', 'slo', 'tools'])
    assert.not.ok(plainlyFits(MANIFEST_SCHEMA, altered(`/${name}`, undefined)), name);
});
test('a keyword that it does not know is left to ajv', () => {
  assert.not.ok(plainlyFits({ type: 'string', enum: ['a'] }, 'a'));
  assert.not.ok(plainlyFits(true, 'a'));
});

test.run();
