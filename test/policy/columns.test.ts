import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { maskColumns, maskedColumns, PERSONAL_COLUMNS } from '../../src/policy/columns.js';

const test = suite('policy/columns');
const masked = (value: unknown) => maskColumns(value, PERSONAL_COLUMNS);

test('personal columns are masked unless pii:read is held', () => {
  assert.equal(maskedColumns(['postgres:query:readonly', 'pii']), ['email', 'phone', 'ssn']);
  assert.equal(maskedColumns(['pii:read']), []);
  const value = { email: 'bob@example.com' };
  assert.equal(maskColumns(value, maskedColumns(['pii:read'])), value);
});
test('a table loses the cells of its personal columns, whatever they hold', () => {
  const table = {
    columns: [{ name: 'id', type: 'int4' }, { name: 'email' }, { name: 'SSN' }, { name: 'phone' }],
    rows: [
      [1, 'bob@example.com', '900-12-3456', '+1-202-555-0143'],
      [2, 'none of the form', 900123456, { home: ['x'], work: null }],
      [3, null, null, null],
    ],
    rowCount: 3,
  };
  assert.equal(masked(table), {
    columns: table.columns,
    rows: [
      [1, '[email]', '[ssn]', '[phone]'],
      [2, '[email]', '[ssn]', { home: ['[phone]'], work: null }],
      [3, null, null, null],
    ],
    rowCount: 3,
  });
});
test('a table whose columns are plain names is one too, at any depth', () => {
  const table = { columns: ['Phone', 'name'], rows: [['1', 'Bob']] };
  assert.equal(masked({ results: [table] }), {
    results: [{ columns: ['Phone', 'name'], rows: [['[phone]', 'Bob']] }],
  });
});
test('an object loses the values of its personal members, at any depth', () => {
  const value = {
    rows: [{ name: 'Bob', Email: 'b', contact: { phone: ['1', 2], email: { home: 'h' } } }],
    columns: 2,
    ['__proto__']: 'x',
  };
  assert.equal(masked(value), {
    rows: [
      {
        name: 'Bob',
        Email: '[email]',
        contact: { phone: ['[phone]', '[phone]'], email: { home: '[email]' } },
      },
    ],
    columns: 2,
    ['__proto__']: 'x',
  });
});
test('other names stay, and so does what they hold', () => {
  const value = {
    emails: 'bob@example.com',
    email_verified: true,
    columns: [{ name: 'email' }],
    row: [['x']],
  };
  assert.equal(masked(value), value);
});
test('what is masked is a copy', () => {
  const value = { email: 'bob@example.com', tags: ['x'] };
  const copy = masked(value);
  assert.equal(value, { email: 'bob@example.com', tags: ['x'] });
  assert.equal(copy, { email: '[email]', tags: ['x'] });
});
test('rows of other lengths than the columns are read as far as both go', () => {
  const table = {
    columns: [{ name: 'a' }, { name: 'ssn' }, {}, null],
    rows: [[1], [1, 2, 3, 4, 5], 'x', null],
  };
  assert.equal(masked(table), { columns: table.columns, rows: [[1], [1, '[ssn]', 3, 4, 5], 'x', null] });
});

test.run();
