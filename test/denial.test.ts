/** The schema of what refusals say to programs. wire.test.ts holds each refusal of the transcripts against it. */
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { DENIALS, type DenialReason } from '../src/wire/denial.js';
import { FAULTS, Fault, type FaultName } from '../src/wire/fault.js';
import { denialsIn, isDenial } from './support/denials.js';

const test = suite('denial');
const approval = { id: '1', url: 'http://localhost/approvals/1', expiresAt: '2026-11-29T12:00:00.000Z' };

test('each row of the table, and each reason, has data that this schema accepts, with few members or many', () => {
  for (const name of Object.keys(FAULTS) as FaultName[]) {
    if (!('reason' in FAULTS[name])) continue;
    for (const reason of Object.keys(DENIALS) as DenialReason[])
      for (const data of [undefined, { scope: 'a b' }, { approval }]) {
        const fault = new Fault(name, 'x', { reason, data });
        assert.ok(isDenial(fault.data), `${name} ${reason}: ${JSON.stringify(isDenial.errors)}`);
      }
  }
});
test('a remedy without its details, a wait without a remedy, and an unknown member are not a denial', () => {
  const available = { reason: 'busy', remediation: 'available' };
  for (const data of [
    available,
    { reason: 'denied_by_policy', remediation: 'undisclosed', retryAfter: 1 },
    { ...available, retryAfter: -1 },
    { ...available, retryAfter: 1, elsewhere: true },
    { ...available, reason: 'no idea', retryAfter: 1 },
    undefined,
  ])
    assert.not.ok(isDenial(data), JSON.stringify(data));
  assert.ok(isDenial({ ...available, retryAfter: 0 }));
});
test('refusals are found wherever they stand in a message', () => {
  const { code, message, data } = new Fault('busy', 'x');
  const error = { code, message, data };
  assert.equal(denialsIn({ jsonrpc: '2.0', id: 1, error }), [data]);
  assert.equal(denialsIn({ jsonrpc: '2.0', id: 1, result: { status: 'failed', error } }), [data]);
  assert.equal(denialsIn({ error: { code: -32600, message: 'Forbidden host: x' } }), [undefined]);
  assert.equal(denialsIn({ error: { code: -32600, message: 'Invalid Request: x' } }), []);
});

test.run();
