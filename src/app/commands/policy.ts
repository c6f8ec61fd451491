/**
 * `policy explain`: the way of one call through the rules, as the server would walk it, and with `--opa-url` what a real Open
 * Policy Agent says to the same question. Nothing is called and no database is opened.
 */
import { parseArgs } from 'node:util';
import { printable } from '../../governance/audit/command.js';
import { maskedColumns } from '../../governance/policy/columns.js';
import { type Decision, explain, policy_decide } from '../../governance/policy/decide.js';
import { createOpa, OpaFailed, opaInput } from '../../governance/policy/opa/ask.js';
import { neededScopes, type Question } from '../../governance/policy/question.js';
import { RULES } from '../../governance/policy/rules.js';
import type { Environment, Io } from './io.js';
import { agentUrl, heldScopes, OPTIONS, questionOf } from './question.js';

const HELP = `usage: node dist/server.js policy explain --tool NAME [flags]

prints each rule, whether the call passes it, and why

  --scopes 'A B'      what the token holds
  --args JSON         the arguments (default {})
  --approved WHEN     when a person approved: seconds since 1970, a time like 2026-11-23T09:00Z, or how long ago: 5m
  --quota-spent       as if the tenant's calls of the tool were spent
  --user U, --tenant T
  --server readonly|destructive   where it is called; where the tool is unless given
  --tools FILE,…      somebody's own tools, too
  --payload-cap TOOL=N,…   --scope-implies A=B+C,…   as for the server
  --opa-url URL       asks an Open Policy Agent, too; 1 when it decides otherwise, 3 when it cannot be asked
  --allow-plaintext HOST,…   agents that may be asked over http, as for the server
  --json              for programs
  --exit-code         1 when the call would be refused`;

export async function policyCommand(
  [name = '', ...args]: string[],
  environment: Environment,
  io: Io,
): Promise<number> {
  if ([name, ...args].some((word) => word === '--help' || word === '-h')) {
    io.print(HELP);
    return 0;
  }
  if (name !== 'explain')
    throw new RangeError(`expected explain, received ${JSON.stringify(name)}; policy --help tells more`);
  const { values } = parseArgs({ args, options: OPTIONS, strict: true, allowPositionals: false });
  if (values.tool === undefined) throw new RangeError('--tool: say which tool is called');
  const { scopes, implied } = heldScopes(values, environment);
  const question = await questionOf(values, values.tool, [...scopes, ...implied], environment);
  const { server, tool, token, args: given, now: at, quota } = question;
  const steps = [...explain(question)];
  const decision = policy_decide(server, tool, token, given, at, quota);
  const known = server.tools.get(tool);
  const needed = known === undefined ? [] : neededScopes(known);
  const masked = maskedColumns(token.scopes);
  const agent = await agentUrl(values, environment);
  const asked = agent === undefined ? undefined : await askOpa(agent, question);
  if (values.json === true) {
    io.print(
      JSON.stringify({
        server: server.name,
        tool,
        token,
        steps,
        decision,
        needed,
        masked,
        ...(asked && { opa: asked.told }),
      }),
    );
  } else {
    const say = (line: string): void => io.print(printable(line));
    const also = implied.length === 0 ? '' : ` (and with it ${implied.join(', ')})`;
    say(`${server.name}: may a token with ${listed(scopes)}${also} call ${tool}?`);
    for (const { rule, outcome, detail } of steps) {
      say(`  ${outcome.padEnd(4)}  ${rule.padEnd(14)}  ${detail}`);
      if (outcome === 'deny')
        say(`        ${' '.repeat(14)}  ${RULES.find(({ id }) => id === rule)?.says ?? ''}`);
    }
    say(decision.allow ? 'allowed' : `refused: ${decision.reason}`);
    if (known !== undefined) say(`a call needs ${listed(needed)}; masked in its result: ${listed(masked)}`);
    if (asked !== undefined) say(`opa: ${asked.told}`);
    if (asked?.failed !== true && asked !== undefined)
      say(agrees(asked, decision) ? 'the two agree' : 'the two do not agree');
  }
  if (asked?.failed === true) return 3;
  if (asked !== undefined && !agrees(asked, decision)) return 1;
  return values['exit-code'] === true && !decision.allow ? 1 : 0;
}

const listed = (items: readonly string[]): string => (items.length === 0 ? 'nothing' : items.join(', '));

type OpaSaid = { told: string; allow?: boolean; reason?: string; failed?: true };

const agrees = (asked: OpaSaid, decision: Decision): boolean =>
  asked.allow === decision.allow && asked.reason === decision.reason;

async function askOpa(url: string, question: Question): Promise<OpaSaid> {
  try {
    const { allow, reason, rule, decisionId } = await createOpa({ url, deadlineMs: 5_000 }).decide(
      opaInput(question),
    );
    const said = allow ? 'allowed' : `refused by ${rule ?? 'a rule of its own'}: ${reason}`;
    return { told: decisionId === undefined ? said : `${said} (decision ${decisionId})`, allow, reason };
  } catch (error) {
    if (error instanceof OpaFailed) return { told: error.message, failed: true };
    throw error;
  }
}
