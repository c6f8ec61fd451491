/** The flags of `policy explain`, and the question to the policy that they describe. */
import { readSince } from '../../governance/audit/command.js';
import { policyTool } from '../../governance/policy/limits.js';
import type { PolicyServer, Question } from '../../governance/policy/question.js';
import { createHierarchy, isScope } from '../../oauth/scopes.js';
import { now } from '../../wire/clock.js';
import { parseJson } from '../../wire/jsonrpc/json.js';
import { isRecord, kindOf } from '../../wire/value.js';
import { openDatabase } from '../demo-data.js';
import { loadTools } from '../own-tools.js';
import { readServerName, SERVERS, serverDefinitions } from '../server-definitions.js';
import type { Config } from '../settings/config.js';

const TEXT = { type: 'string' } as const;
const SWITCH = { type: 'boolean' } as const;
export const OPTIONS = {
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
  'allow-plaintext': TEXT,
  'quota-spent': SWITCH,
  json: SWITCH,
  'exit-code': SWITCH,
};

type Call = {
  args?: string;
  approved?: string;
  user?: string;
  tenant?: string;
  server?: string;
  'quota-spent'?: boolean;
};

/** The scopes of the token, and those that they imply, as the verifier of tokens adds them. */
export function heldScopes(
  text = '',
  implications: Config['scopeImplies'],
): { granted: string[]; implied: string[] } {
  const granted = text.split(/\s+/).filter((scope) => scope !== '');
  const wrong = granted.find((scope) => !isScope(scope));
  if (wrong !== undefined) throw new RangeError(`--scopes: ${JSON.stringify(wrong)} is not a scope`);
  return { granted, implied: createHierarchy(implications)(granted).slice(new Set(granted).size) };
}

export async function readQuestion(
  call: Call,
  tool: string,
  scopes: readonly string[],
  config: Config,
): Promise<Question> {
  const time = now();
  const { user = 'somebody', tenant = 'default' } = call;
  return {
    server: await policyServer(config, tool, call.server),
    tool,
    token: { user, tenant, scopes, approved_at: readApprovalTime(call.approved, time) },
    args: readArgumentsObject(call.args ?? '{}'),
    now: time.getTime() / 1_000,
    ...(call['quota-spent'] === true ? { quota: { allow: false, retryAfterS: 60 } } : {}),
  };
}

/** The named server, else the one that has the tool, else the readonly one. */
async function policyServer(config: Config, tool: string, server: string | undefined): Promise<PolicyServer> {
  const named = server === undefined ? undefined : readServerName(server);
  // The database opens only for its first statement, and there is none.
  const database = await openDatabase(config);
  const own = await loadTools(config.tools);
  const definitions = serverDefinitions(config, { database, bucketRoot: '', own, onAcknowledged: () => {} });
  await database.close();
  const withTool = SERVERS.find((name) => definitions[name].tools.some((one) => one.name === tool));
  const { name, tools } = definitions[named ?? withTool ?? 'readonly'];
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
function readApprovalTime(text: string | undefined, now: Date): number | undefined {
  if (text === undefined) return undefined;
  if (/^\d{9,11}(\.\d+)?$/.test(text)) return Number(text);
  try {
    return readSince(text, now).getTime() / 1_000;
  } catch (cause) {
    throw new RangeError(
      `--approved: expected 5m, a time like 2026-11-23T09:00Z or seconds since 1970, received "${text}"`,
      { cause },
    );
  }
}
