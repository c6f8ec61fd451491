/**
 * Checks a JSON-RPC message from a server against the official JSON Schema of its reader's revision:
 * the envelope, the result type of the method it answers, the notification's or error's own type.
 */
import { existsSync, readFileSync } from 'node:fs';
import { Ajv, type ValidateFunction } from 'ajv';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { taskProblems } from './task-shapes.js';

export type Emitted = {
  /** The revision of the request; undefined when nothing said so, which means 2025-03-26. */
  revision: string | undefined;
  /** The method the message answers, if it answers one. */
  method?: string | undefined;
  message: unknown;
};
export type Verdict = 'valid' | 'skipped' | { problems: string[] };

const FOLDER = new URL('../../../shared/spec/schema/', import.meta.url);
const UNNAMED = '2025-03-26';
const NEWEST = '2026-07-28';
const KNOWN = ['2024-11-05', UNNAMED, '2025-06-18', '2025-11-25', NEWEST];
/** The first revision whose error replies may lack an id; a reply to what could not be read always lacks one. */
const ERRORS_WITHOUT_ID = '2025-11-25';

type Json = Record<string, unknown>;
type Schema = { root: string; definitions: Record<string, Json>; ajv: Ajv };

const isObject = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const at = (value: unknown, ...path: string[]): unknown =>
  path.reduce((inner, key) => (isObject(inner) ? inner[key] : undefined), value);

const schemas = new Map<string, Schema>();
const validators = new Map<string, ValidateFunction>();
let saidSo = false;

export function checkEmitted({ revision = UNNAMED, method, message }: Emitted): Verdict {
  if (!existsSync(FOLDER)) {
    if (!saidSo)
      console.log('the official schemas are not beside this checkout: messages are not held against them');
    saidSo = true;
    return 'skipped';
  }
  const problems = problemsOf(revision, method, message);
  return problems.length === 0 ? 'valid' : { problems };
}

function problemsOf(revision: string, method: string | undefined, message: unknown): string[] {
  if (!isObject(message)) return ['the message is not an object'];
  if ('error' in message) return errorProblems(KNOWN.includes(revision) ? revision : NEWEST, message);
  if (!KNOWN.includes(revision)) return [`only an error may answer a sender of revision ${revision}`];
  const schema = schemaOf(revision);
  const ofTask = revision === NEWEST ? taskProblems(method, message) : undefined;
  if (ofTask !== undefined) return ofTask;
  if ('method' in message) return calledProblems(revision, schema, message);
  const envelope =
    'JSONRPCResultResponse' in schema.definitions ? 'JSONRPCResultResponse' : 'JSONRPCResponse';
  const found = against(revision, envelope, message);
  if (method === undefined) return [...found, 'a result answers no request'];
  const type = resultType(schema, method, message.result);
  if (type === undefined) return [...found, `revision ${revision} has no result for ${method}`];
  return [...found, ...against(revision, type, message.result)];
}

/** `XRequest` is answered by `XResult`, or by the empty result where there is none. */
function resultType({ definitions }: Schema, method: string, result: unknown): string | undefined {
  const request = typesOf(definitions, 'Request', method)[0];
  if (request === undefined) return undefined;
  const own = request.replace(/Request$/, 'Result');
  const mayAsk = JSON.stringify(definitions[`${own}Response`] ?? {}).includes('InputRequiredResult');
  if (mayAsk && at(result, 'resultType') === 'input_required') return 'InputRequiredResult';
  return own in definitions ? own : 'EmptyResult';
}

function calledProblems(revision: string, schema: Schema, message: Json): string[] {
  const kind = 'id' in message ? 'Request' : 'Notification';
  const allowed = JSON.stringify(schema.definitions[`Server${kind}`] ?? {});
  const types = typesOf(schema.definitions, kind, message.method).filter((type) =>
    allowed.includes(`/${type}"`),
  );
  const found = against(revision, `JSONRPC${kind}`, message);
  if (types[0] === undefined) return [...found, `no server sends ${String(message.method)} in ${revision}`];
  return [...found, ...against(revision, types[0], message)];
}

function errorProblems(revision: string, message: Json): string[] {
  const judge = !('id' in message) && revision < ERRORS_WITHOUT_ID ? ERRORS_WITHOUT_ID : revision;
  const { definitions } = schemaOf(judge);
  const envelope = 'JSONRPCErrorResponse' in definitions ? 'JSONRPCErrorResponse' : 'JSONRPCError';
  const found = against(judge, envelope, message);
  // Errors with a code of their own describe either the whole reply or the `error` member.
  for (const [type, definition] of Object.entries(definitions)) {
    if (!type.endsWith('Error')) continue;
    const code = at(message, 'error', 'code');
    const parts = at(definition, 'properties', 'error', 'allOf');
    if (Array.isArray(parts) && parts.some((part) => at(part, 'properties', 'code', 'const') === code)) {
      found.push(...against(judge, type, message));
    } else if (code !== undefined && at(definition, 'properties', 'code', 'const') === code) {
      found.push(...against(judge, type, message.error));
    }
  }
  return found;
}

/** The definitions of one kind whose `method` is this constant. */
function typesOf(definitions: Schema['definitions'], kind: string, method: unknown): string[] {
  return Object.keys(definitions).filter(
    (type) =>
      type.endsWith(kind) &&
      method !== undefined &&
      at(definitions[type], 'properties', 'method', 'const') === method,
  );
}

function schemaOf(revision: string): Schema {
  const known = schemas.get(revision);
  if (known !== undefined) return known;
  const text: Json = JSON.parse(readFileSync(new URL(`${revision}.json`, FOLDER), 'utf8'));
  const root = '$defs' in text ? '$defs' : 'definitions';
  const options = { strict: false, validateFormats: false, allErrors: true };
  const ajv = root === '$defs' ? new Ajv2020(options) : new Ajv(options);
  ajv.addSchema(text, revision);
  const definitions: Schema['definitions'] = {};
  for (const [type, definition] of Object.entries(text[root] ?? {})) {
    if (isObject(definition)) definitions[type] = definition;
  }
  const schema = { root, definitions, ajv };
  schemas.set(revision, schema);
  return schema;
}

function against(revision: string, type: string, value: unknown): string[] {
  const { ajv, root } = schemaOf(revision);
  const key = `${revision}#/${root}/${type}`;
  const validate = validators.get(key) ?? ajv.compile({ $ref: key });
  validators.set(key, validate);
  if (validate(value)) return [];
  const told = (validate.errors ?? []).slice(0, 3).map((error) => `${error.instancePath} ${error.message}`);
  return [`is no ${type} of ${revision}: ${told.join('; ')}`];
}
