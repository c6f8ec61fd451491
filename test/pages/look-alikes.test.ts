/** Which letters are named because they pass for others, and that nobody's own language is. */
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { unmistakable, unmistakableJsonText, unmistakableText } from '../../src/pages/visible.js';

const test = suite('pages/look-alikes');

test('letters of another alphabet in a word are named, the rarer ones', () => {
  for (const [text, shown] of [
    ['p\u0430yp\u0430l', 'p[Cyrillic \u0430]yp[Cyrillic \u0430]l'],
    ['\u03b1pple', '[Greek \u03b1]pple'],
    ['c\u0442\u043e\u043b', '[Latin c]\u0442\u043e\u043b'],
    ['OP\u13da', 'OP[Cherokee \u13da]'],
    // An invisible character does not end the word.
    ['p\u200b\u0430ypal', 'p[U+200B][Cyrillic \u0430]ypal'],
  ])
    assert.is(unmistakableText(text ?? ''), shown);
});

test('a word that only looks Latin is named, unless its text has other words of its alphabet', () => {
  for (const [text, shown] of [
    ['\u041e\u0420\u0405', '[Cyrillic \u041e\u0420\u0405]'],
    ['Delete \u041e\u0420\u0405-17', 'Delete [Cyrillic \u041e\u0420\u0405]-17'],
    ['\u0391\u0392', '[Greek \u0391\u0392]'],
    ['\u{1d5c8}\u{1d5c9}\u{1d5cc}', '[mathematical \u{1d5c8}\u{1d5c9}\u{1d5cc}]'],
  ])
    assert.is(unmistakableText(text ?? ''), shown);
});

for (const [language, text] of [
  ['Russian', 'Привет! Он, она и СССР. USB-кабель для API не работает: нос, рост, сор.'],
  ['one Russian word', 'Москва'],
  ['Ukrainian', "Об'єкт у системі CRM не знайдено"],
  ['Serbian', 'Поруџбина није послата'],
  ['Greek', 'Η παραγγελία ΟΧΙ δεν στάλθηκε στο CRM'],
  ['Japanese', 'Tシャツを買う。ＡＢＣ社の東京towerでJSON文字列'],
  ['Chinese', 'A股和B站的API接口'],
  ['Korean', 'PC방에서 JSON을 보내다'],
  ['Arabic', 'الـAPI لا يعمل'],
  ['Hebrew', 'ה-API לא עובד'],
  ['Armenian', 'Հայաստանի Հանրապետություն'],
  ['Hindi', 'यह API काम नहीं करता'],
  ['Turkish and Polish', 'Ağrı dağı, łódź, İstanbul'],
  ['units and formulas', '250µs, 5\u03bcs, 4.7k\u03a9, \u0394T, \u03b1 = 5 %'],
])
  test(`nothing is named in a text in ${language}`, () => {
    assert.is(unmistakableText(text ?? ''), text);
    assert.is(unmistakableJsonText(JSON.stringify({ text: `${text}\n${text}` })).includes('['), false);
  });

test('in JSON each string is a text of its own, and an escape is not a letter', () => {
  const json = JSON.stringify({
    project: '\u041e\u0420\u0405',
    note: 'Москва\nМосква \\Москва',
    'p\u0430y': 1,
  });
  assert.is(
    unmistakableJsonText(json),
    json
      .replace('\u041e\u0420\u0405', '[Cyrillic \u041e\u0420\u0405]')
      .replace('p\u0430y', 'p[Cyrillic \u0430]y'),
  );
});

test('on a page the name has a box, and markup stays text', () => {
  assert.is(unmistakable('<p\u0430y>').text, '&lt;p<span class="unseen">Cyrillic \u0430</span>y&gt;');
});

test.run();
