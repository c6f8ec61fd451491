/** Redaction over the corpus: each secret hidden, each honest text as it was, and both measured. */
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { nameKind } from '../../src/governance/policy/detect/names.js';
import { redact, redactText, toAscii } from '../../src/governance/policy/redact.js';
import { maskTree } from '../../src/lesson/trace/mask.js';
import { HONEST, SECRETS } from './redaction-corpus.js';

const test = suite('policy/corpus');

const written = (value: unknown): string => JSON.stringify(value);
const shows = (redacted: string, hidden: string): boolean => redacted.includes(written(hidden).slice(1, -1));

for (const kind of new Set(SECRETS.map((one) => one.kind))) {
  const ofKind = SECRETS.filter((one) => one.kind === kind);
  test(`${ofKind.length} values of kind "${kind}" are hidden`, () => {
    for (const { value, hides } of ofKind) {
      const redacted = written(redact(value));
      for (const hidden of hides) assert.not.ok(shows(redacted, hidden), `${written(value)} -> ${redacted}`);
    }
  });
}
for (const kind of new Set(HONEST.map((one) => one.kind))) {
  const ofKind = HONEST.filter((one) => one.kind === kind);
  test(`${ofKind.length} honest values of kind "${kind}" stay as they are`, () => {
    for (const { value } of ofKind) assert.is(written(redact(value)), written(value));
  });
}

test('recall and precision over the corpus are complete', () => {
  const hidden = SECRETS.filter(({ value, hides }) => {
    const redacted = written(redact(value));
    return hides.every((one) => !shows(redacted, one));
  }).length;
  const wrong = HONEST.filter(({ value }) => written(redact(value)) !== written(value)).length;
  const recall = hidden / SECRETS.length;
  const precision = hidden / (hidden + wrong);
  console.log(
    `recall ${(100 * recall).toFixed(1)} % of ${SECRETS.length}, precision ${(100 * precision).toFixed(1)} % ` +
      `with ${wrong} of ${HONEST.length} honest values changed`,
  );
  assert.is(recall, 1);
  assert.is(precision, 1);
});

test('redacted text stays as it is when it is redacted again', () => {
  for (const { value } of SECRETS) {
    const once = redact(value);
    assert.is(written(redact(once)), written(once), written(value));
  }
});

test('a trace hides what the audit log hides', () => {
  for (const { kind, value, hides } of SECRETS) {
    // Addresses of this machine stay in a trace, and so do the cells of tables, which a lesson is about.
    if (kind === 'ip' || 'columns' in Object(value)) continue;
    const masked = written(maskTree(value));
    for (const hidden of hides) assert.not.ok(shows(masked, hidden), `${written(value)} -> ${masked}`);
  }
});

test('text around a number in other digits stays in its own digits', () => {
  assert.is(redactText('صفحة ١٢: 4111 1111 1111 1111'), 'صفحة ١٢: [card]');
  assert.is(redactText('رقم ٧: ٤١١١١١١١١١١١١١١١ و ٣'), 'رقم ٧: [card] و ٣');
  assert.is(redactText('第１２頁 ＳＳＮ １２３-４５-６７８９ 了'), '第１２頁 ＳＳＮ [ssn] 了');
});

test('the ASCII form of a text is as long as the text', () => {
  for (let code = 0; code <= 0x10ffff; code += 1) {
    if (code >= 0xd800 && code <= 0xdfff) continue;
    const character = String.fromCodePoint(code);
    if (toAscii(character).length !== character.length) assert.unreachable(code.toString(16));
  }
});

test('names are read as words, however they are written', () => {
  for (const name of ['clientSecret', 'client_secret', 'CLIENT-SECRET', 'x.client.secret', 'ｃlient_secret'])
    assert.is(nameKind(name), 'secret', name);
  for (const name of [
    'secretary',
    'monkey',
    'tokens',
    'nextPageToken',
    '__proto__',
    'constructor',
    'toString',
  ])
    assert.is(nameKind(name), undefined, name);
});

test('a secret under a telling name is hidden at any depth, and nothing beside it', () => {
  const value = { a: [{ password: ['x1', { y: 'x2', n: 12, ok: true, none: null }] }, { plain: 'x3' }] };
  assert.equal(redact(value), {
    a: [{ password: ['[hidden]', { y: '[hidden]', n: '[hidden]', ok: true, none: null }] }, { plain: 'x3' }],
  });
});

test.run();
