/** Every recorded outcome of the Python reference that JavaScript can read, held against the embedded policy. */
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { payloadChars } from '../../src/governance/policy/payload.js';
import { freshApproval, policy_decide } from '../../src/governance/policy/rules.js';
import { freshCases, type PolicyCase, policyCases } from './recorded.js';

const test = suite('policy/recorded');

const { servers, cases } = policyCases();
const readable = cases.filter(({ js_lossy }) => js_lossy !== true);
const fresh = freshCases();
console.log(
  `policy.json: ${readable.length} of ${cases.length} cases, ${cases.length - readable.length} hold numbers that ` +
    `JSON.parse does not keep; fresh_approval.json: ${fresh.length} of ${fresh.length}`,
);

function decided({ server, tool, token, args, now }: PolicyCase) {
  const asked = servers.get(server);
  if (asked === undefined) throw new Error(`no server ${server} is recorded`);
  return policy_decide(asked, tool, token, args, now);
}

test('no file is short of cases', () => {
  assert.is(cases.length, 1094);
  assert.is(readable.length, 1035);
  assert.is(fresh.length, 48);
});
for (const group of new Set(readable.map((recorded) => recorded.group))) {
  const ofGroup = readable.filter((recorded) => recorded.group === group);
  test(`${ofGroup.length} cases of ${group} end with the recorded decision and reason`, () => {
    for (const recorded of ofGroup) {
      const { allow, reason } = decided(recorded);
      assert.equal({ allow, reason }, recorded.expect, `${recorded.id}: ${recorded.note}`);
    }
  });
}
test('every size is the recorded one, where Python writes a number in another way than JavaScript too', () => {
  for (const { id, args, payload_chars } of readable) {
    assert.is(payloadChars(args, Number.POSITIVE_INFINITY), payload_chars, id);
  }
  assert.is(readable.filter(({ js_text_differs }) => js_text_differs === true).length, 23);
});
test('an approval is fresh exactly when it was recorded as fresh', () => {
  for (const { id, scopes, approved_at, now, window_s, expect } of fresh) {
    assert.is(freshApproval(scopes, approved_at, now, window_s), expect, id);
  }
});

test.run();
