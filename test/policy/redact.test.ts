import fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { EMAILS, IPS } from '../../src/governance/policy/detect/addresses.js';
import { CARDS, IBANS, PHONES, SSNS } from '../../src/governance/policy/detect/numbers.js';
import { SECRETS } from '../../src/governance/policy/detect/secrets.js';
import { findSpans } from '../../src/governance/policy/detect/spans.js';
import { redact, redactText } from '../../src/governance/policy/redact.js';
import { redactCases } from './recorded.js';

const test = suite('policy/redact');

const { cases, beyond } = redactCases();
const bound = cases.filter(
  ({ js_lossy, arguable_bug, stricter_may_differ }) =>
    js_lossy !== true && arguable_bug !== true && stricter_may_differ !== true,
);
const written = (value: unknown) => JSON.stringify(value);
const alike = cases.filter(({ payload, expect }) => written(redact(payload)) === written(expect)).length;
console.log(
  `redact.json: ${bound.length} of ${cases.length} cases bind and agree, ${alike} come out alike in all; ` +
    `${beyond.length} are beyond the reference`,
);

test('no case is missing', () => {
  assert.is(cases.length, 243);
  assert.is(bound.length, 147);
});
for (const group of new Set(bound.map((recorded) => recorded.group))) {
  const ofGroup = bound.filter((recorded) => recorded.group === group);
  test(`${ofGroup.length} cases of ${group} come out as recorded, in the same order of members`, () => {
    for (const { id, payload, expect } of ofGroup) assert.is(written(redact(payload)), written(expect), id);
  });
}
test('whatever the reference left or failed on, no address or number of the recorded form remains', () => {
  for (const { id, payload, stricter_may_differ } of cases) {
    if (stricter_may_differ === true) continue;
    const text = written(redact(payload));
    assert.not.match(text, /[\w.+-]+@[\w-]+\.[\w.-]+/, id);
    assert.not.match(text, /\b\d{3}-\d{2}-\d{4}\b/, id);
  }
});

/** Left as they are: names and places show by no form, and a number is no text. */
const NOT_RECOGNISED = ['passport', 'name', 'address'];
const STAYS = ['beyond-0023', 'beyond-0035', 'beyond-0044'];
for (const { id, kind, payload } of beyond) {
  const stays = NOT_RECOGNISED.includes(kind) || STAYS.includes(id);
  test(`${id}: ${written(payload)} is ${stays ? 'left as it is' : 'masked'}`, () => {
    if (stays) assert.equal(redact(payload), payload);
    else assert.match(written(redact(payload)), /\[(phone|ssn|email|card|iban|key)\]/);
  });
}

// Made up; the cards, accounts and keys are those of public documentation.
const MASKED: [text: string, expected: string][] = [
  ['card 5555 5555 5555 4444, 378282246310005', 'card [card], [card]'],
  ['3782 822463 10005 and 6011-1111-1111-1117.', '[card] and [card].'],
  ['DE89 3704 0044 0532 0130 00 and gb82west12345698765432', '[iban] and [iban]'],
  ['to NO9386011117947; FR14 2004 1010 0505 0001 3M02 606', 'to [iban]; [iban]'],
  ['all letters: abcd:abcd:abcd:abcd:abcd:abcd:abcd:abcd', 'all letters: [ip]'],
  ['from 203.0.113.7:443 to 2001:db8::8a2e:370:7334, via fe80::1%eth0', 'from [ip]:443 to [ip], via [ip]'],
  ['[2001:db8:0:0:1:0:0:1]:8080, ::ffff:192.0.2.128, 10.0.0.0/8', '[[ip]]:8080, [ip], [ip]/8'],
  ['address 2001:db8::1: refused', 'address [ip]: refused'],
  ['Authorization: Bearer mF_9.B5f-4.1JqM', 'Authorization: Bearer [token]'],
  ['authorization: basic dXNlcjpwYXNzd29yZA==', 'authorization: basic [token]'],
  ['{"token":"eyJhbGciOiJub25lIn0.eyJzdWIiOiJib2IifQ.c2ln"}', '{"token":"[token]"}'],
  [`key=sk-${'a1'.repeat(12)}; ghp_${'A1b2'.repeat(9)}`, 'key=[key]; [key]'],
  ['xoxb-1234567890-abcdef, AKIAIOSFODNN7EXAMPLE', '[key], [key]'],
  ['-----BEGIN RSA PRIVATE KEY-----\nMIIE\n-----END RSA PRIVATE KEY-----\nrest', '[key]\nrest'],
  ['-----BEGIN PRIVATE KEY-----\ncut off', '[key]'],
  ['josé@example.com, 用户@example.com', '[email], [email]'],
  ['(089) 12345678, +49 (0) 89 / 123 456-78', '[phone], [phone]'],
  ['phone number 5550143; 1-800-555-0199', 'phone number [phone]; [phone]'],
  ['Authorization: Bearer abc', 'Authorization: Bearer [token]'],
  ['?email=bob%40example.com&x=1', '?email=[email]&x=1'],
];
for (const [text, expected] of MASKED) {
  test(`${written(text)} becomes ${written(expected)}`, () => assert.is(redactText(text), expected));
}

const LEFT = [
  'at 2024-06-13T10:20:30.123456789Z, 13.06.2024 10:00',
  'id 550e8400-e29b-41d4-a716-446655440000, mac 00:1a:2b:3c:4d:5e',
  '4111 1111 1111 1112, 1700000000, 1700000000000, 0.4111111111111111',
  'DE89 3704 0044 0532 0130 01, XX89370400440532013000',
  'version 1.2.3, 256.1.1.1, 1.2.3.4.5, std::vector, dead::beef',
  'bearer authentication, basic instructions, sk-short, a skeleton',
  '$1,234,567.89 of 10/2000, pages 100-2000, ISO 9001:2015',
];
for (const text of LEFT) test(`${written(text)} stays`, () => assert.is(redactText(text), text));

test('names that become equal are kept apart, and nothing is lost', () => {
  const payload = { 'a@b.c': 1, '[email]': 2, 'd@e.f': 3, '[email]#2': 4, 'g@h.i': 5 };
  assert.equal(redact(payload), {
    '[email]#3': 1,
    '[email]': 2,
    '[email]#4': 3,
    '[email]#2': 4,
    '[email]#5': 5,
  });
});
test('a copy has as many members and items as what it was made of, and the same scalars', () => {
  const text = fc.constantFrom('a@b.c', '123-45-6789', '[email]', '__proto__', 'x', '+1 202 555 0143', '');
  const { tree } = fc.letrec((tie) => ({
    tree: fc.oneof(
      { depthSize: 'small' },
      text,
      fc.constantFrom(null, true, 0, -1.5),
      fc.array(tie('tree'), { maxLength: 4 }),
      fc.dictionary(text, tie('tree'), { maxKeys: 6 }),
    ),
  }));
  const shape = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(shape);
    if (typeof value === 'string') return 'text';
    if (typeof value !== 'object' || value === null) return value;
    return { size: Object.keys(value).length, members: Object.values(value).map(shape).map(written).sort() };
  };
  fc.assert(fc.property(tree, (value) => written(shape(redact(value))) === written(shape(value))));
});
test('a marker is not taken for anything else when it is redacted again', () => {
  for (const [, expected] of MASKED) assert.is(redactText(expected), expected);
});
test('an address or number is masked between any neighbours that are no part of it', () => {
  const unit = fc.constantFrom(...' ,;()[]{}<>"\'|=!?\n\té漢', '😀', 'see ', 'x: ');
  const around = fc.string({ unit, maxLength: 12 }).map((text) => `${text} `);
  const found = fc.constantFrom(
    ...['bob@example.com', '123-45-6789', '+1 202 555 0143', '4111 1111 1111 1111', 'GB33BUKB20201555555555'],
    ...['203.0.113.7', '2001:db8::1', 'AKIAIOSFODNN7EXAMPLE', 'Bearer mF_9.B5f-4.1JqM'],
  );
  fc.assert(
    fc.property(around, found, around, (before, secret, after) => {
      return !redactText(`${before}${secret} ${after}`).includes(secret);
    }),
    { numRuns: 2_000 },
  );
});
test('a value nested a hundred thousand levels deep is redacted', () => {
  let value: unknown = 'bob@example.com';
  for (let level = 0; level < 100_000; level += 1) value = level % 2 === 0 ? [value] : { a: value };
  let inner = redact(value);
  while (typeof inner === 'object' && inner !== null) inner = Object.values(inner)[0];
  assert.is(inner, '[email]');
});

test('text that is skipped contains nothing that any detector would find', () => {
  const detectors = [...SECRETS, ...EMAILS, ...SSNS, ...IBANS, ...CARDS, ...IPS, ...PHONES];
  const beginnings = ['', 'sk_live_', 'npm_', 'hf_', 'gho_', 'github_pat_', 'bearer ', 'tel ', 'ssn ', 'eyJ'];
  const unit = fc.constantFrom(...'abcdefABCDEFXxYyZz_ ');
  const plain = fc
    .tuple(fc.constantFrom(...beginnings), fc.string({ unit, maxLength: 17 }))
    .map(([beginning, rest]) => `${beginning}${rest}`.slice(0, 17));
  const short = fc.string({ unit: fc.constantFrom(...'0123456789:@.+-ab%\uff20\uff0b"\\ '), maxLength: 2 });
  fc.assert(
    fc.property(fc.oneof(plain, short), (text) =>
      detectors.every((row) => findSpans(text, [row]).length === 0),
    ),
    { numRuns: 20_000 },
  );
});

test.run();
