import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { OpaFailed, opaInput, readOpaAnswer } from '../../src/governance/policy/opa/ask.js';
import type { PolicyServer } from '../../src/governance/policy/question.js';

const test = suite('policy/opa-answer');

test('a result that says allow and reason is a decision', () => {
  assert.equal(readOpaAnswer(200, '{"result":{"allow":true,"reason":"ok"}}'), {
    allow: true,
    reason: 'ok',
  });
  const text = JSON.stringify({
    decision_id: '5d1',
    result: { allow: false, reason: 'no', rule: 'night-shift', mask: ['email'], more: 1 },
  });
  assert.equal(readOpaAnswer(200, text), {
    allow: false,
    reason: 'no',
    rule: 'night-shift',
    mask: ['email'],
    decisionId: '5d1',
  });
});

const PROBLEMS: [status: number, text: string, problem: string, detail: RegExp][] = [
  [200, '{}', 'undefined', /has no "result"/],
  [200, '{"decision_id":"5d1"}', 'undefined', /has no "result"/],
  [200, '', 'malformed', /not JSON/],
  [200, '<html>', 'malformed', /not JSON/],
  [200, '{"result":{"allow":false,"allow":true}}', 'malformed', /\/result\/allow: the name stands twice/],
  [200, '[]', 'malformed', /expected an object, received an array/],
  [200, 'null', 'malformed', /received null/],
  [200, '{"result":true}', 'malformed', /"result" must be an object, received a boolean/],
  [200, '{"result":null}', 'malformed', /received null/],
  [200, '{"result":[{"allow":true,"reason":"ok"}]}', 'malformed', /received an array/],
  [200, '{"result":{"reason":"ok"}}', 'malformed', /"allow" must be true or false, received nothing/],
  [200, '{"result":{"allow":"true","reason":"ok"}}', 'malformed', /received "true"/],
  [200, '{"result":{"allow":1,"reason":"ok"}}', 'malformed', /received 1/],
  [200, '{"result":{"allow":true}}', 'malformed', /"reason" must be a text/],
  [200, '{"result":{"allow":true,"reason":""}}', 'malformed', /"reason" must be a text/],
  [200, '{"result":{"allow":true,"reason":"ok","rule":1}}', 'malformed', /"rule"/],
  [200, '{"result":{"allow":true,"reason":"ok","mask":"email"}}', 'malformed', /"mask"/],
  [200, '{"result":{"allow":true,"reason":"ok","mask":[1]}}', 'malformed', /"mask"/],
  [200, '{"decision_id":1,"result":{"allow":true,"reason":"ok"}}', 'malformed', /"decision_id"/],
  [500, '{"code":"internal_error","message":"boom"}', 'refused', /status 500: .*boom/],
  [404, '{"result":{"allow":true,"reason":"ok"}}', 'refused', /status 404/],
  [204, '', 'refused', /status 204/],
];
for (const [status, text, problem, detail] of PROBLEMS) {
  test(`${status} with ${JSON.stringify(text)} is ${problem}`, () => {
    assert.throws(
      () => readOpaAnswer(status, text),
      (error: unknown) =>
        error instanceof OpaFailed && error.problem === problem && detail.test(error.message),
    );
  });
}

const SERVER: PolicyServer = {
  name: 's',
  tools: new Map([
    ['__proto__', { required_scope: 'a', destructive: false }],
    ['other', { required_scope: 'b', destructive: true }],
  ]),
};
const QUESTION = {
  server: SERVER,
  tool: '__proto__',
  token: { user: 'u', scopes: ['a'], approved_at: undefined },
  args: { q: 'x'.repeat(10_000) },
  now: 5,
};

test('an input holds the called tool alone, and the size of the arguments in their place', () => {
  assert.is(
    JSON.stringify(opaInput({ ...QUESTION, args: {} })),
    '{"server":{"name":"s","tools":{"__proto__":{"required_scope":"a","destructive":false}}},"tool":"__proto__",' +
      '"token":{"user":"u","scopes":["a"]},"payload_chars":2,"now":5}',
  );
  assert.ok(opaInput(QUESTION).payload_chars > 8_192);
  assert.equal(opaInput({ ...QUESTION, tool: 'constructor' }).server.tools, {});
});
test('an input holds the outcome of a quota, and never the arguments', () => {
  const quota = { allow: false, retryAfterS: 3 };
  const input = opaInput({ ...QUESTION, quota });
  assert.equal(input.quota, quota);
  assert.not.ok('args' in input);
});

test.run();
