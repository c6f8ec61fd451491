/**
 * The Rego policy, run by a real OPA: its own unit tests, the recorded outcomes, and its agreement with the embedded
 * policy on generated questions. $POLICY_QUESTIONS says how many, $POLICY_SEED repeats a run.
 */
import { spawnSync } from 'node:child_process';
import fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { maskedColumns } from '../../src/governance/policy/columns.js';
import { opaInput } from '../../src/governance/policy/opa/ask.js';
import type { Question } from '../../src/governance/policy/question.js';
import { policy_decide, RULES } from '../../src/governance/policy/rules.js';
import { evaluate, findOpa, POLICY, REGO } from './opa-binary.js';
import { questions } from './questions.js';
import { freshCases, policyCases } from './recorded.js';

const test = suite('policy/rego');

const { CI, POLICY_QUESTIONS, POLICY_SEED } = process.env;
const QUESTIONS = Number(POLICY_QUESTIONS ?? (CI === undefined ? 10_000 : 100_000));
const SEED = Number(POLICY_SEED ?? Date.now() % 1_000_000_000);
const AT_ONCE = 5_000;

const opa = findOpa();
const check = opa === undefined ? test.skip : test;
const run = (...args: string[]) => spawnSync(opa ?? '', args, { encoding: 'utf8' });

const expectedOf = ({ server, tool, token, args, now, quota }: Question) => ({
  ...policy_decide(server, tool, token, args, now, quota),
  mask: maskedColumns(token.scopes),
});

check('the policy passes the strict check, is formatted, and passes its own tests', () => {
  assert.is(run('check', '--strict', REGO).stderr, '');
  assert.is(run('fmt', '--list', REGO).stdout, '');
  const { status, stdout } = run('test', REGO);
  assert.is(status, 0, stdout);
  assert.match(stdout, /^PASS: (\d+)\/\1$/m);
  console.log(`opa test: ${stdout.trim().split('\n').at(-1)}`);
  const covered = JSON.parse(run('test', '--coverage', '--format', 'json', REGO).stdout) as {
    coverage: number;
  };
  assert.is(covered.coverage, 100, 'every line of the policy is run by them');
});
check('the policy has the rules of the embedded one, in its order', () => {
  const { stdout } = run('eval', '--data', POLICY, '--format', 'raw', 'data.barewire.rules');
  assert.equal(
    JSON.parse(stdout),
    RULES.map(({ id }) => id),
  );
});
check('every recorded case ends with the recorded decision and reason', () => {
  const { servers, cases } = policyCases();
  const readable = cases.filter(({ js_lossy }) => js_lossy !== true);
  const inputs = readable.map(({ server, tool, token, args, now }) => {
    const asked = servers.get(server);
    if (asked === undefined) throw new Error(`no server ${server} is recorded`);
    return opaInput({ server: asked, tool, token, args, now });
  });
  const decisions = evaluate(opa ?? '', inputs);
  decisions.forEach((decision, at) => {
    const { allow, reason } = decision as { allow: unknown; reason: unknown };
    assert.equal({ allow, reason }, readable[at]?.expect, readable[at]?.id);
  });
  console.log(`opa: ${decisions.length} recorded cases`);
});
check('an approval is fresh exactly when it was recorded as fresh', () => {
  // Another window than a quarter of an hour is the reference's own affair.
  const cases = freshCases().filter(({ window_s }) => window_s === undefined);
  const tool = { required_scope: 'write', destructive: true };
  const server = { name: 'recorded', tools: new Map([['write', tool]]) };
  const inputs = cases.map(({ scopes, approved_at, now }) =>
    opaInput({
      server,
      tool: 'write',
      token: { user: 'u', scopes: [...scopes, 'write'], approved_at },
      args: {},
      now,
    }),
  );
  evaluate(opa ?? '', inputs).forEach((decision, at) => {
    assert.is((decision as { allow: unknown }).allow, cases[at]?.expect, cases[at]?.id);
  });
  console.log(`opa: ${cases.length} recorded approvals`);
});
check('every recorded case whose numbers JavaScript does not keep agrees by its recorded size', () => {
  const { servers, cases } = policyCases();
  const lossy = cases.filter(({ js_lossy }) => js_lossy === true);
  const inputs = lossy.map(({ server, tool, token, now, payload_chars }) => {
    const asked = servers.get(server);
    if (asked === undefined) throw new Error(`no server ${server} is recorded`);
    return { ...opaInput({ server: asked, tool, token, args: null, now }), payload_chars };
  });
  evaluate(opa ?? '', inputs).forEach((decision, at) => {
    const { allow, reason } = decision as { allow: unknown; reason: unknown };
    assert.equal({ allow, reason }, lossy[at]?.expect, lossy[at]?.id);
  });
});
check(`${QUESTIONS} generated questions are decided alike, whichever policy is asked`, () => {
  const counts = new Map<string, number>();
  for (let done = 0; done < QUESTIONS; done += AT_ONCE) {
    const numRuns = Math.min(AT_ONCE, QUESTIONS - done);
    const asked = fc.sample(questions, { seed: SEED + done, numRuns });
    const decisions = evaluate(
      opa ?? '',
      asked.map((question) => opaInput(question)),
    );
    asked.forEach((question, at) => {
      const expected = expectedOf(question);
      const told = `seed ${SEED}: ${JSON.stringify(opaInput(question))}`;
      assert.equal(decisions[at], expected, told);
      const ending = expected.allow ? 'ok' : expected.rule;
      counts.set(ending, (counts.get(ending) ?? 0) + 1);
      const masked = expected.mask.length > 0 ? 'masked' : 'unmasked';
      counts.set(masked, (counts.get(masked) ?? 0) + 1);
    });
  }
  const told = [...counts].map(([ending, count]) => `${count} ${ending}`).join(', ');
  console.log(`seed ${SEED}: ${QUESTIONS} questions, ${told}`);
  // A rule that hardly ever decides would not be compared.
  for (const ending of ['ok', 'masked', 'unmasked', ...RULES.map(({ id }) => id)]) {
    assert.ok((counts.get(ending) ?? 0) >= QUESTIONS / 200, `too few ${ending}: ${told}`);
  }
});

test.run();
