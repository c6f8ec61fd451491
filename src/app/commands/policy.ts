/**
 * `policy explain`: checks one call against each rule, as the server would, and with `--opa-url` asks a real Open Policy Agent
 * the same question. It calls no tool and opens no database.
 */
import { printable } from '../../governance/audit/command.js';
import { maskedColumns } from '../../governance/policy/columns.js';
import { createOpa, OpaFailed, opaInput } from '../../governance/policy/opa/ask.js';
import { neededScopes, type Question } from '../../governance/policy/question.js';
import { type Decision, explain, policy_decide, RULES, type Step } from '../../governance/policy/rules.js';
import { parseFlags, refuseWord } from '../settings/parse-flags.js';
import { checkPlaintext } from '../settings/plaintext.js';
import { readSettings } from '../settings/sources.js';
import type { Command } from './io.js';
import { heldScopes, OPTIONS, readQuestion } from './question.js';

const HELP = `usage: node dist/server.js policy explain --tool NAME [flags]

prints each rule, whether the call passes it, and why

  --scopes 'A B'      the scopes of the token
  --args JSON         the arguments (default: {})
  --approved WHEN     when a person approved: how long ago, like 5m, a time like 2026-11-23T09:00Z,
                      or seconds since 1970
  --quota-spent       as if the tenant had used up its calls of the tool
  --user U, --tenant T
  --server readonly|destructive    the server that is called (default: the one with the tool)
  --tools FILE,…      modules with tools of your own
  --payload-cap TOOL=N,…, --scope-implies A=B+C,…    as for the server
  --opa-url URL       also ask this Open Policy Agent; the exit code is 1 when it decides otherwise,
                      and 3 when it does not answer
  --allow-plaintext HOST,…         agents that may be asked over http, as for the server
  --json              print JSON
  --exit-code         exit with 1 when the call would be refused`;

const ADVICE = 'policy --help';
/** The flags that are settings of the server, and have their variables. */
const SHARED = ['tools', 'payload-cap', 'scope-implies', 'allow-plaintext'];

export const policyCommand: Command = async ([name = '', ...args], environment, { print }) => {
  if ([name, ...args].some((word) => word === '--help' || word === '-h')) {
    print(HELP);
    return 0;
  }
  if (name !== 'explain') refuseWord(name, 'explain', ['explain'], `${ADVICE} explains it`);
  const { values } = parseFlags(args, OPTIONS, ADVICE);
  const { tool, 'opa-url': opaUrl } = values;
  if (tool === undefined) throw new RangeError('--tool: expected the name of a tool');
  const shared = opaUrl === undefined ? SHARED : [...SHARED, 'opa-url'];
  const config = readSettings(shared, values, environment);
  await checkPlaintext(config);
  const scopes = heldScopes(values.scopes, config.scopeImplies);
  const question = await readQuestion(values, tool, [...scopes.granted, ...scopes.implied], config);
  const explanation = explainCall(question);
  const { decision } = explanation;
  const opa = config.opaUrl === undefined ? undefined : await askOpa(config.opaUrl, question);
  const agree = opa?.allow === decision.allow && opa.reason === decision.reason;
  if (values.json === true) print(JSON.stringify({ ...explanation, ...(opa && { opa: opa.answer }) }));
  else {
    const also = scopes.implied.length === 0 ? '' : ` (and with it ${listed(scopes.implied)})`;
    const token = `a token with ${listed(scopes.granted)}${also}`;
    const lines = [`${explanation.server}: may ${token} call ${tool}?`, ...explanationLines(explanation)];
    if (opa !== undefined) lines.push(`opa: ${opa.answer}`);
    if (opa?.allow !== undefined) lines.push(agree ? 'the two agree' : 'the two do not agree');
    for (const line of lines) print(printable(line));
  }
  if (opa !== undefined && opa.allow === undefined) return 3;
  if (opa !== undefined && !agree) return 1;
  return values['exit-code'] === true && !decision.allow ? 1 : 0;
};

type Explanation = {
  server: string;
  tool: string;
  token: Question['token'];
  steps: Step[];
  decision: Decision;
  /** Empty when the server has no such tool. */
  needed: readonly string[];
  masked: readonly string[];
};

function explainCall(question: Question): Explanation {
  const { server, tool, token, args, now, quota } = question;
  const registered = server.tools.get(tool);
  return {
    server: server.name,
    tool,
    token,
    steps: [...explain(question)],
    decision: policy_decide(server, tool, token, args, now, quota),
    needed: registered === undefined ? [] : neededScopes(registered),
    masked: maskedColumns(token.scopes),
  };
}

function explanationLines({ steps, decision, needed, masked }: Explanation): string[] {
  const lines = steps.flatMap(({ rule, outcome, detail }) => {
    const line = `  ${outcome.padEnd(4)}  ${rule.padEnd(14)}  ${detail}`;
    if (outcome !== 'deny') return [line];
    return [line, `        ${' '.repeat(14)}  ${RULES.find(({ id }) => id === rule)?.says ?? ''}`];
  });
  lines.push(decision.allow ? 'allowed' : `refused: ${decision.reason}`);
  if (needed.length > 0)
    lines.push(`a call needs ${listed(needed)}; masked in its result: ${listed(masked)}`);
  return lines;
}

const listed = (items: readonly string[]): string => (items.length === 0 ? 'nothing' : items.join(', '));

/** `allow` is undefined when the agent made no decision. */
type OpaResult = { answer: string; allow?: boolean; reason?: string };

async function askOpa(url: string, question: Question): Promise<OpaResult> {
  try {
    const opa = createOpa({ url, deadlineMs: 5_000 });
    const { allow, reason, rule, decisionId } = await opa.decide(opaInput(question));
    const answer = allow ? 'allowed' : `refused by ${rule ?? 'a rule of its own'}: ${reason}`;
    return {
      answer: decisionId === undefined ? answer : `${answer} (decision ${decisionId})`,
      allow,
      reason,
    };
  } catch (error) {
    if (error instanceof OpaFailed) return { answer: error.message };
    throw error;
  }
}
