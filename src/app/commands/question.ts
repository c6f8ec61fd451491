/** The flags of `policy explain`, and the question that they ask. */
import type { parseArgs } from 'node:util';
import { policyTool } from '../../governance/policy/limits.js';
import type { PolicyServer, Question } from '../../governance/policy/question.js';
import { createHierarchy, isScope } from '../../oauth/scopes.js';
import { now } from '../../wire/clock.js';
import { parseJson } from '../../wire/jsonrpc/json.js';
import { isRecord, kindOf } from '../../wire/value.js';
import { openDatabase } from '../demo-data.js';
import { loadTools } from '../own-tools.js';
import { SERVERS, serverDefinitions } from '../server-definitions.js';
import { configure } from '../settings/config.js';
import { checkPlaintext } from '../settings/plaintext.js';
import { byTool, httpUrl, implications, list } from '../settings/setting-values.js';
import type { Environment } from './io.js';

const TEXT = { type: 'string' } as const;
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
  'quota-spent': { type: 'boolean' },
  json: { type: 'boolean' },
  'exit-code': { type: 'boolean' },
} as const;

export type Values = ReturnType<typeof parseArgs<{ options: typeof OPTIONS }>>['values'];

/** What was granted, and what follows from it by the hierarchy, as the verifier of tokens adds it. */
export function heldScopes(
  values: Values,
  environment: Environment,
): { scopes: string[]; implied: string[] } {
  const scopes = (values.scopes ?? '').split(/\s+/).filter((scope) => scope !== '');
  const odd = scopes.find((scope) => !isScope(scope));
  if (odd !== undefined) throw new RangeError(`--scopes: ${JSON.stringify(odd)} is no scope`);
  const given = setting(values, 'scope-implies', environment, 'BAREWIRE_SCOPE_IMPLIES', implications);
  const { scopeImplies } = configure(given === undefined ? {} : { scopeImplies: given });
  return { scopes, implied: createHierarchy(scopeImplies)(scopes).slice(new Set(scopes).size) };
}

export async function questionOf(
  values: Values,
  tool: string,
  scopes: readonly string[],
  environment: Environment,
): Promise<Question> {
  const at = now().getTime() / 1_000;
  const { user = 'somebody', tenant = 'default' } = values;
  return {
    server: await serverOf(values, tool, environment),
    tool,
    token: { user, tenant, scopes, approved_at: approvedAt(values.approved, at) },
    args: argumentsOf(values.args ?? '{}'),
    now: at,
    ...(values['quota-spent'] === true ? { quota: { allow: false, retryAfterS: 60 } } : {}),
  };
}

/** The server that has the tool; where none has, the reading one says so. */
/** The policy agent to ask. @throws Error when the question would reach another machine unencrypted. */
export async function agentUrl(values: Values, environment: Environment): Promise<string | undefined> {
  if (values['opa-url'] === undefined) return undefined;
  const opaUrl = httpUrl(values['opa-url']);
  const allowPlaintext = setting(values, 'allow-plaintext', environment, 'BAREWIRE_ALLOW_PLAINTEXT', list);
  await checkPlaintext(configure({ opaUrl, ...(allowPlaintext && { allowPlaintext }) }));
  return opaUrl;
}

async function serverOf(values: Values, tool: string, environment: Environment): Promise<PolicyServer> {
  const { server } = values;
  const asked = SERVERS.find((name) => name === server);
  if (server !== undefined && asked === undefined)
    throw new RangeError(`--server: expected ${SERVERS.join(' or ')}, received "${server}"`);
  const config = configure({});
  // Nothing is opened until somebody asks it something.
  const database = await openDatabase(config);
  const own = await loadTools(list(values.tools ?? environment.BAREWIRE_TOOLS ?? ''));
  const both = serverDefinitions(config, { database, bucketRoot: '', own, onAcknowledged: () => {} });
  await database.close();
  const face =
    both[asked ?? SERVERS.find((name) => both[name].tools.some((one) => one.name === tool)) ?? 'readonly'];
  const payloadCaps = setting(values, 'payload-cap', environment, 'BAREWIRE_PAYLOAD_CAP', byTool) ?? {};
  const limits = { payloadCaps };
  return { name: face.name, tools: new Map(face.tools.map((one) => [one.name, policyTool(one, limits)])) };
}

/** As the server reads it: the flag, else its variable; and the one that is wrong is named. */
function setting<Value>(
  values: Values,
  flag: 'allow-plaintext' | 'payload-cap' | 'scope-implies',
  environment: Environment,
  variable: string,
  read: (text: string) => Value,
): Value | undefined {
  const given = values[flag] ?? (environment[variable] || undefined);
  if (given === undefined) return undefined;
  try {
    return read(given);
  } catch (error) {
    const origin = values[flag] === undefined ? variable : `--${flag}`;
    throw new RangeError(
      `${origin}: ${error instanceof Error ? error.message : ''}, received ${JSON.stringify(given)}`,
    );
  }
}

function argumentsOf(text: string): object {
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
