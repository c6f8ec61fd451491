/**
 * Texts made to be slow: eight times as much of each may take about eight times as long. Code that backtracks over all of it would take
 * sixty-four times as long; the bound is far from both, because the machine may be busy.
 */
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { maskColumns, PERSONAL_COLUMNS } from '../../src/governance/policy/columns.js';
import { redact, redactText } from '../../src/governance/policy/redact.js';

const test = suite('policy/hostile');

const SMALL = 25_000;
const TIMES = 8;
const BOUND = 32;
const ROUNDS = 5;
/** Such a short time proves nothing. */
const NOISE_MS = 25;

const UNITS = [
  ...[
    'a',
    '1',
    '@',
    'a@',
    '.',
    'a.',
    '@a',
    'é@',
    '%40',
    'a%40',
    'a@a',
    '-',
    '+',
    ' ',
    '(',
    ':',
    '::',
    'f:',
    '\u0000',
  ],
  ...[
    '1 ',
    '1-',
    '1.',
    '12 34 ',
    '123-',
    '123-45-',
    '4111 ',
    '4',
    '+1',
    '+1 ',
    '01 23 ',
    '0-1',
    '202-555-',
    '555-',
  ],
  ...['GB33 ', 'GB33BUKB2020155555555 ', 'AA11', '1.1.1.', '255.', '1:', '2001:db8:', 'fe80::', 'a:1::'],
  ...[
    'eyJ',
    'eyJa.',
    'eyJ-',
    'eyJa.b ',
    'sk-',
    'sk-a ',
    'ghp_',
    'SG.aaaaaaaaaaaaaaaa',
    'SG.',
    'xoxb-',
    'AKIA',
    'ya29.',
  ],
  ...[
    'bearer ',
    'bearer 1',
    'bearer\t',
    'authorization: basic ',
    'authorization',
    '-----BEGIN PRIVATE KEY-----',
  ],
  ...[
    '-----BEGIN ',
    '-----END ',
    'password=',
    'password="',
    'password: a ',
    "password '",
    'a=',
    'a.b-c=',
    '=',
    'token=\\',
    '?token=',
    'cookie: ',
    'authorization: ',
    '--token ',
    '--token a ',
    '-u a:b ',
    '<token>',
    '<token>a</',
    '://a:',
    '://a:b@',
    'hooks.slack.com/services/',
    '-----BEGIN PGP PRIVATE KEY BLOCK-----',
    'Private-Lines: 1',
    'glpat-',
    'xoxe.xoxp-',
    '٤١١١ ',
    '１',
    'é.',
    'a@é.',
    'ssn ',
    'ssn 1',
    'phone ',
    'phone: 1',
    'tel',
    'call 1-',
    '(0',
    '(089) ',
    '0 ',
    '+1 / ',
  ],
];

/** Of processor time, the best of some rounds: what the machine does beside it only ever adds. */
function milliseconds(run: () => void): number {
  const times = Array.from({ length: ROUNDS }, () => {
    const start = process.cpuUsage();
    run();
    const { user, system } = process.cpuUsage(start);
    return (user + system) / 1_000;
  });
  return Math.min(...times);
}

function growsLinearly(what: string, make: (size: number) => () => void): void {
  const small = milliseconds(make(SMALL));
  const large = milliseconds(make(SMALL * TIMES));
  const told = `${what}: ${small.toFixed(1)} ms, then ${large.toFixed(1)} ms`;
  assert.ok(large < NOISE_MS || large <= small * BOUND, told);
}

let slowest = { unit: '', ms: 0 };
for (const unit of UNITS) {
  test(`${JSON.stringify(unit)} over and over takes time in proportion`, () => {
    growsLinearly(unit, (size) => {
      const text = unit.repeat(Math.ceil(size / unit.length));
      return () => {
        const start = performance.now();
        redactText(text);
        const ms = performance.now() - start;
        if (ms > slowest.ms) slowest = { unit, ms };
      };
    });
  });
}
test('members whose names all become one take time in proportion', () => {
  growsLinearly('names', (size) => {
    const count = Math.ceil(size / 10);
    const names = Array.from({ length: count }, (_, at) =>
      at % 2 === 0 ? `${at}@example.com` : `[email]#${at}`,
    );
    const payload = Object.fromEntries(names.map((name) => [name, 1]));
    return () => {
      assert.is(Object.keys(redact(payload) as object).length, count);
    };
  });
});
test('a table of many rows and columns takes time in proportion', () => {
  growsLinearly('rows', (size) => {
    const columns = Array.from({ length: 100 }, (_, at) => ({ name: at % 10 === 0 ? 'email' : `c${at}` }));
    const rows = Array.from({ length: size / 100 }, () => columns.map(() => 'x'));
    const text = JSON.stringify({ columns, rows });
    return () => void maskColumns(text, PERSONAL_COLUMNS);
  });
});
test.after(() => {
  console.log(
    `200 KB of ${JSON.stringify(slowest.unit)} took longest to redact: ${slowest.ms.toFixed(0)} ms`,
  );
});

test.run();
