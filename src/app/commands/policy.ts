/**
 * `policy explain`: checks one call against each rule, as the server would, and with `--opa-url` asks a real Open Policy Agent
 * the same question. It calls no tool and opens no database.
 */
import { printable, readMoment } from '../../governance/audit/command.js';
import { maskedColumns } from '../../governance/policy/columns.js';
import { policyTool } from '../../governance/policy/limits.js';
import { createOpa, OpaFailed, opaInput } from '../../governance/policy/opa/ask.js';
import { neededScopes, type PolicyServer, type Question } from '../../governance/policy/question.js';
import { decide, explain, RULES } from '../../governance/policy/rules.js';
import { createHierarchy, isScope } from '../../oauth/scopes.js';
import { now } from '../../wire/clock.js';
import { parseJson } from '../../wire/jsonrpc/json.js';
import { isRecord, kindOf } from '../../wire/value.js';
import { loadModules } from '../own-tools/load.js';
import { openDatabase, serverDefinitions } from '../server-definitions.js';
import { parseFlags, readServerName, refuseWord } from '../settings/arguments.js';
import { checkPlaintext } from '../settings/checks.js';
import type { Config } from '../settings/config.js';
import { SERVERS } from '../settings/setting.js';
import { type Environment, readSettings } from '../settings/sources.js';

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
const TEXT = { type: 'string' } as const;
const SWITCH = { type: 'boolean' } as const;
/** The flags that are settings of the server, and have their variables. */
const SHARED = { tools: TEXT, 'payload-cap': TEXT, 'scope-implies': TEXT, 'allow-plaintext': TEXT };
const OPTIONS = {
  ...SHARED,
  tool: TEXT,
  scopes: TEXT,
  args: TEXT,
  approved: TEXT,
  user: TEXT,
  tenant: TEXT,
  server: TEXT,
  'opa-url': TEXT,
  'quota-spent': SWITCH,
  json: SWITCH,
  'exit-code': SWITCH,
};

export async function policyCommand(
  [name = '', ...args]: readonly string[],
  environment: Environment,
  { print }: { print(line: string): void },
): Promise<number> {
  if ([name, ...args].some((word) => word === '--help' || word === '-h')) {
    print(HELP);
    return 0;
  }
  if (name !== 'explain') refuseWord(name, 'explain', ['explain'], `${ADVICE} explains it`);
  const { values } = parseFlags(args, OPTIONS, ADVICE);
  const { tool, 'opa-url': opaUrl } = values;
  if (tool === undefined) throw new RangeError('--tool: expected the name of a tool, received nothing');
  const sharedFlags = [...Object.keys(SHARED), ...(opaUrl === undefined ? [] : ['opa-url'])];
  const config = readSettings(sharedFlags, values, environment);
  await checkPlaintext(config);
  const { granted, implied } = heldScopes(values.scopes, config.scopeImplies);
  const { user = 'somebody', tenant = 'default', approved } = values;
  const server = await policyServer(config, tool, values.server);
  const token = { user, tenant, scopes: [...granted, ...implied], approved_at: readApprovalTime(approved) };
  const question: Question = {
    server,
    tool,
    token,
    args: readArgumentsObject(values.args ?? '{}'),
    now: now().getTime() / 1_000,
    ...(values['quota-spent'] === true ? { quota: { allow: false, retryAfterS: 60 } } : {}),
  };
  const registeredTool = server.tools.get(tool);
  const explanation = {
    server: server.name,
    tool,
    token,
    steps: [...explain(question)],
    decision: decide(question),
    /** Empty when the server has no such tool. */
    needed: registeredTool === undefined ? [] : neededScopes(registeredTool),
    masked: maskedColumns(token.scopes),
  };
  const { steps, decision, needed, masked } = explanation;
  const opa = config.opaUrl === undefined ? undefined : await askOpa(config.opaUrl, question);
  const agree = opa?.allow === decision.allow && opa.reason === decision.reason;
  if (values.json === true) print(JSON.stringify({ ...explanation, ...(opa && { opa: opa.answer }) }));
  else {
    const also = implied.length === 0 ? '' : ` (and with it ${listed(implied)})`;
    const lines = [`${server.name}: may a token with ${listed(granted)}${also} call ${tool}?`];
    for (const { rule, outcome, detail } of steps) {
      lines.push(`  ${outcome.padEnd(4)}  ${rule.padEnd(14)}  ${detail}`);
      const says = RULES.find(({ id }) => id === rule)?.says ?? '';
      if (outcome === 'deny') lines.push(`        ${' '.repeat(14)}  ${says}`);
    }
    lines.push(decision.allow ? 'allowed' : `refused: ${decision.reason}`);
    if (needed.length > 0)
      lines.push(`a call needs ${listed(needed)}; masked in its result: ${listed(masked)}`);
    if (opa !== undefined) lines.push(`opa: ${opa.answer}`);
    if (opa?.allow !== undefined) lines.push(agree ? 'the two agree' : 'the two do not agree');
    for (const line of lines) print(printable(line));
  }
  if (opa !== undefined && opa.allow === undefined) return 3;
  if (opa !== undefined && !agree) return 1;
  return values['exit-code'] === true && !decision.allow ? 1 : 0;
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

/** The scopes of the token, and those that they imply, as the verifier of tokens adds them. */
function heldScopes(
  text = '',
  implications: Config['scopeImplies'],
): { granted: string[]; implied: string[] } {
  const granted = text.split(/\s+/).filter((scope) => scope !== '');
  const wrong = granted.find((scope) => !isScope(scope));
  if (wrong !== undefined) throw new RangeError(`--scopes: ${JSON.stringify(wrong)} is not a scope`);
  return { granted, implied: createHierarchy(implications)(granted).slice(new Set(granted).size) };
}

/** The named server, else the one that has the tool, else the readonly one. */
async function policyServer(config: Config, tool: string, server: string | undefined): Promise<PolicyServer> {
  const namedServer = server === undefined ? undefined : readServerName(server);
  // The database opens only for its first statement, and there is none.
  const database = await openDatabase(config);
  const own = (await loadModules(config.tools)).flatMap(({ tools }) => tools);
  const definitions = serverDefinitions(config, { database, buckets: () => '', own, onAcknowledged() {} });
  await database.close();
  const withTool = SERVERS.find((name) => definitions[name].tools.some((one) => one.name === tool));
  const { name, tools } = definitions[namedServer ?? withTool ?? 'readonly'];
  const { payloadCaps } = config;
  return { name, tools: new Map(tools.map((one) => [one.name, policyTool(one, { payloadCaps })])) };
}

function readArgumentsObject(text: string): object {
  let value: unknown;
  try {
    value = parseJson(text);
  } catch (error) {
    throw new RangeError(
      `--args: expected JSON, ${error instanceof Error ? error.message : 'received something else'}`,
    );
  }
  if (isRecord(value)) return value;
  throw new RangeError(`--args: expected an object, received ${kindOf(value)}`);
}

/** Seconds since 1970. */
function readApprovalTime(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  if (/^\d{9,11}(\.\d+)?$/.test(text)) return Number(text);
  try {
    return readMoment('--approved', text, now()).getTime() / 1_000;
  } catch (cause) {
    throw new RangeError(
      `--approved: expected 5m, a time like 2026-11-23T09:00Z or seconds since 1970, received "${text}"`,
      { cause },
    );
  }
}
