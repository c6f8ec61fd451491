/**
 * `policy explain`: the way of one call through the rules, as the server would walk it, and with `--opa-url` what a real Open
 * Policy Agent says to the same question. Nothing is called and no database is opened.
 */
import { parseArgs } from 'node:util';
import { printable } from '../audit/print.js';
import { createHierarchy } from '../auth/scopes.js';
import { now } from '../clock.js';
import { configure } from '../config.js';
import { openDatabase } from '../data.js';
import { policyTool } from '../endpoint/limits.js';
import { createOpa, OpaFailed } from '../opa/ask.js';
import { loadTools } from '../own-tools.js';
import { maskedColumns } from '../policy/columns.js';
import { explain, policy_decide } from '../policy/decide.js';
import { opaInput } from '../policy/opa-input.js';
import { neededScopes, type PolicyServer, type Question } from '../policy/question.js';
import { RULES } from '../policy/rules.js';
import { faces, SERVERS } from '../servers.js';
import { byTool, httpUrl, implications, list } from '../setting-values.js';
import { isRecord, kindOf } from '../value.js';
import type { Environment, Io } from './io.js';

const HELP = `usage: node dist/server.js policy explain --tool NAME [flags]

prints each rule, whether the call passes it, and why

  --scopes 'A B'      what the token holds
  --args JSON         the arguments (default {})
  --approved WHEN     when a person approved: seconds since 1970, a time like 2026-11-23T09:00Z, or how long ago: 5m
  --quota-spent       as if the tenant's calls of the tool were spent
  --user U, --tenant T
  --server readonly|destructive   where it is called; where the tool is unless given
  --tools FILE,…      somebody's own tools, too
  --payload-cap TOOL=N,…   --scope-implies A=B+C,…   as the server is told
  --opa-url URL       asks an Open Policy Agent, too; 1 when it decides otherwise, 3 when it cannot be asked
  --json              for programs
  --exit-code         1 when the call would be refused`;

const TEXT = { type: 'string' } as const;
const OPTIONS = {
  tool: TEXT,
  scopes: TEXT,
  args: TEXT,
  approved: TEXT,
  user: TEXT,
  tenant: TEXT,
  server: TEXT,
  tools: TEXT,
  'payload-cap': TEXT,
  'scope-implies': TEXT,
  'opa-url': TEXT,
  'quota-spent': { type: 'boolean' },
  json: { type: 'boolean' },
  'exit-code': { type: 'boolean' },
} as const;

type Values = ReturnType<typeof parseArgs<{ options: typeof OPTIONS }>>['values'];

export async function policyCommand(
  [name = '', ...args]: string[],
  _environment: Environment,
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
  const question = await questionOf(values, values.tool);
  const { server, tool, token, args: given, now: at, quota } = question;
  const steps = [...explain(question)];
  const decision = policy_decide(server, tool, token, given, at, quota);
  const known = server.tools.get(tool);
  const needed = known === undefined ? [] : neededScopes(known);
  const masked = maskedColumns(token.scopes);
  const asked =
    values['opa-url'] === undefined ? undefined : await askOpa(httpUrl(values['opa-url']), question);
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
    say(`${server.name}: may a token with ${listed(token.scopes)} call ${tool}?`);
    for (const { rule, outcome, detail } of steps) {
      say(`  ${outcome.padEnd(4)}  ${rule.padEnd(14)}  ${detail}`);
      if (outcome === 'deny')
        say(`        ${' '.repeat(14)}  ${RULES.find(({ id }) => id === rule)?.says ?? ''}`);
    }
    say(decision.allow ? 'allowed' : `refused: ${decision.reason}`);
    if (known !== undefined) say(`a call needs ${listed(needed)}; masked in its result: ${listed(masked)}`);
    if (asked !== undefined) say(`opa: ${asked.told}`);
  }
  if (asked?.failed === true) return 3;
  if (asked !== undefined && asked.allow !== decision.allow) return 1;
  return values['exit-code'] === true && !decision.allow ? 1 : 0;
}

const listed = (items: readonly string[]): string => (items.length === 0 ? 'nothing' : items.join(', '));

async function questionOf(values: Values, tool: string): Promise<Question> {
  const config = configure(
    values['scope-implies'] === undefined ? {} : { scopeImplies: implications(values['scope-implies']) },
  );
  const scopes = createHierarchy(config.scopeImplies)(
    (values.scopes ?? '').split(/\s+/).filter((scope) => scope !== ''),
  );
  const at = now().getTime() / 1_000;
  const { user = 'somebody', tenant = 'default' } = values;
  return {
    server: await serverOf(values, tool),
    tool,
    token: { user, tenant, scopes, approved_at: approvedAt(values.approved, at) },
    args: argumentsOf(values.args ?? '{}'),
    now: at,
    ...(values['quota-spent'] === true ? { quota: { allow: false, retryAfterS: 60 } } : {}),
  };
}

/** The server that has the tool; where none has, the reading one says so. */
async function serverOf(values: Values, tool: string): Promise<PolicyServer> {
  const { server } = values;
  const asked = SERVERS.find((name) => name === server);
  if (server !== undefined && asked === undefined)
    throw new RangeError(`--server: expected ${SERVERS.join(' or ')}, received "${server}"`);
  const config = configure({});
  // Nothing is opened until somebody asks it something.
  const database = openDatabase(config);
  const own = await loadTools(list(values.tools ?? ''));
  const both = faces(config, { database, bucketRoot: '', own, onAcknowledged: () => {} });
  await database.close();
  const face =
    both[asked ?? SERVERS.find((name) => both[name].tools.some((one) => one.name === tool)) ?? 'readonly'];
  const limits = { payloadCaps: byTool(values['payload-cap'] ?? '') };
  return { name: face.name, tools: new Map(face.tools.map((one) => [one.name, policyTool(one, limits)])) };
}

function argumentsOf(text: string): object {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new RangeError(
      `--args: expected JSON, ${error instanceof Error ? error.message : 'received something else'}`,
    );
  }
  if (isRecord(value)) return value;
  throw new RangeError(`--args: expected an object, received ${kindOf(value)}`);
}

const UNITS: { [unit: string]: number } = { s: 1, m: 60, h: 3_600 };

/** Seconds since 1970. */
function approvedAt(text: string | undefined, at: number): number | undefined {
  if (text === undefined) return undefined;
  const [, ago, unit = ''] = /^(\d{1,6})([smh])$/.exec(text) ?? [];
  if (ago !== undefined) return at - Number(ago) * (UNITS[unit] ?? 0);
  if (/^\d{9,11}(\.\d+)?$/.test(text)) return Number(text);
  const moment = /^\d{4}-\d{2}-\d{2}T/.test(text) ? Date.parse(text) : Number.NaN;
  if (!Number.isNaN(moment)) return moment / 1_000;
  throw new RangeError(
    `--approved: expected 5m, a time like 2026-11-23T09:00Z or seconds since 1970, received "${text}"`,
  );
}

type OpaSaid = { told: string; allow?: boolean; failed?: true };

async function askOpa(url: string, question: Question): Promise<OpaSaid> {
  try {
    const { allow, reason, rule, decisionId } = await createOpa({ url, deadlineMs: 5_000 }).decide(
      opaInput(question),
    );
    const said = allow ? 'allowed' : `refused by ${rule ?? 'a rule of its own'}: ${reason}`;
    return { told: decisionId === undefined ? said : `${said} (decision ${decisionId})`, allow };
  } catch (error) {
    if (error instanceof OpaFailed) return { told: error.message, failed: true };
    throw error;
  }
}
