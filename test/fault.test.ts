import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { FAULTS, Fault, type FaultName } from '../src/wire/fault.js';

const test = suite('fault');
const rows = Object.entries(FAULTS) as [FaultName, (typeof FAULTS)[FaultName]][];

test('a fault carries code, clause and a message that begins with its title', () => {
  const cause = new Error('kept for the log');
  const { name, code, spec, message, ...rest } = new Fault('headerMismatch', 'Mcp-Name differs', { cause });
  assert.equal([name, code, message], ['headerMismatch', -32020, 'Header mismatch: Mcp-Name differs']);
  assert.is(spec, FAULTS.headerMismatch.spec);
  assert.is(new Fault('headerMismatch', 'x', { cause }).cause, cause);
  assert.not.ok('cause' in new Fault('headerMismatch', 'x'));
  assert.equal(rest, { detail: 'Mcp-Name differs', data: undefined, headers: undefined });
});
test('data is kept as it was passed in, falsy values too', () => {
  assert.is(new Fault('invalidParams', 'x', { data: 0 }).data, 0);
  assert.equal(new Fault('invalidParams', 'x', { data: { a: 1 } }).data, { a: 1 });
});
test('the status differs between the eras only where the row says so', () => {
  const differing = rows
    .filter(([name]) => new Fault(name, 'x').status('modern') !== new Fault(name, 'x').status('legacy'))
    .map(([name]) => name);
  assert.equal(differing, [
    ...['methodNotFound', 'internalError', 'stopping', 'busy', 'unavailable', 'forbidden', 'quotaSpent'],
  ]);
  assert.is(new Fault('methodNotFound', 'x').status('modern'), 404);
  assert.is(new Fault('methodNotFound', 'x').status('legacy'), 200);
});
test('where another token helps the status is the same in both eras', () => {
  for (const name of ['unauthorized', 'insufficientScope'] as const) {
    const fault = new Fault(name, 'x');
    assert.equal([fault.status('legacy'), fault.inBand], [fault.status('modern'), false]);
  }
});
test('a denial says why, whether anything helps and when, beside its other data; the header has the same delay', () => {
  const fault = new Fault('quotaSpent', 'x', { retryAfterS: 7, data: { scope: 'a' } });
  const data = { reason: 'quota_spent', remediation: 'available', scope: 'a', retryAfter: 7 };
  assert.equal([fault.data, fault.headers], [data, { 'retry-after': '7' }]);
  assert.equal(new Fault('busy', 'x').headers, { 'retry-after': '10' });
});
test('a remedy that no member describes is not available to a program', () => {
  assert.equal(new Fault('unauthorized', 'x').data, { reason: 'invalid_token', remediation: 'undisclosed' });
  const data = { scope: 'a' };
  assert.equal(new Fault('unauthorized', 'x', { data }).data, {
    ...{ reason: 'invalid_token', remediation: 'available' },
    ...data,
  });
});
test('a call that may have run must not be sent again', () => {
  const fault = new Fault('unavailable', 'x', { reason: 'outcome_unknown' });
  assert.equal(fault.data, { reason: 'outcome_unknown', remediation: 'undisclosed' });
  assert.is(fault.headers, undefined);
});
test('no header is sent for a delay of zero', () => {
  const data = { approval: {} };
  const fault = new Fault('forbidden', 'x', { reason: 'approval_used', retryAfterS: 0, data });
  assert.equal([(fault.data as { retryAfter: unknown }).retryAfter, fault.headers], [0, undefined]);
});
test('each refusal with 401, 403, 429 or 503 is a denial, and no other is', () => {
  for (const [name, { status }] of rows)
    assert.is('reason' in FAULTS[name], [401, 403, 429, 503].includes(status), name);
});
test('each code is one of JSON-RPC, of MCP, or outside the reserved band', () => {
  const known = [-32002, -32700, -32600, -32601, -32602, -32603, -32020, -32021, -32022];
  for (const [name, { code }] of rows) {
    assert.ok(known.includes(code) || code < -32768 || code > -32000, `${name} has ${code}`);
  }
});
test('of the codes that revision 2026-07-28 forbids, only the one that older clients need is in the table', () => {
  const forbidden = rows.filter(([, { code }]) => [-32002, -32042].includes(code)).map(([name]) => name);
  assert.equal(forbidden, ['resourceNotFound']);
});
test('each row names an absolute https clause and a status that HTTP defines', () => {
  for (const [name, { spec, status }] of rows) {
    assert.ok(URL.canParse(spec) && spec.startsWith('https://'), name);
    assert.ok(status === 200 || (status >= 400 && status < 600), name);
  }
});

test.run();
