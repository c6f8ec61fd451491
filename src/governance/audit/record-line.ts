/**
 * One audit record as one line of JSON: the record's canonical JSON (RFC 8785) with the member `hash` added at the end, the
 * SHA-256 of that canonical JSON without it. `prev` is the hash of the record before, so changing, removing or moving a record
 * changes every later hash. Values that an outsider can make long are cut here, so that a record has a largest size.
 *
 * @see https://www.rfc-editor.org/rfc/rfc8785
 */
import { hash } from 'node:crypto';
import { canonicalJson, plainJson, quoted } from '../../wire/jsonrpc/json.js';
import { isRecord, type JsonObject, shorten } from '../../wire/value.js';
import type { AuditEntry, Head } from './record.js';

/** A record without `prev` and `seq`, which depend on its place in the chain. */
export type Draft = { day: string; before: string; between: string; after: string };

const HASH = /^[0-9a-f]{64}$/;
const HASH_MEMBER_CHARS = ',"hash":"'.length + 64 + '"}'.length;
/** Names, reasons and ids: far more than an honest one needs. */
const MAX_TEXT = 1024;
const MAX_ITEMS = 200;

export const isHash = (value: unknown): value is string => typeof value === 'string' && HASH.test(value);

/** The `prev` of a chain's first record: it ties the chain to its folder and replica. */
export function genesis(folder: string, replica: string): string {
  return hash('sha256', `the audit log of ${folder} by ${replica}`);
}

/** The entry's members as canonical JSON, around the two that are still unknown. */
export function layOut(entry: AuditEntry, time: Date, replica: string, maxChars: number): Draft {
  const { principal, scopes, decision, approver, summary, notice } = entry;
  const args = boundedJson(entry.args, maxChars);
  const response = boundedJson(entry.response, maxChars);
  const iso = time.toISOString();
  // All names are in the order of canonical JSON; `prev` and `seq` are inserted between the three parts.
  return {
    day: iso.slice(0, 10),
    before: membersJson({
      approvalId: textJson(entry.approvalId),
      approver:
        approver &&
        objectJson({
          issuer: textJson(approver.issuer),
          user: textJson(approver.user),
          via: textJson(approver.via),
        }),
      args: args.json,
      argsCut: args.cut,
      callId: textJson(entry.callId),
      client: textJson(entry.client),
      decision:
        decision &&
        objectJson({
          allow: `${decision.allow}`,
          enforced: JSON.stringify(decision.enforced),
          id: textJson(decision.id),
          policy: textJson(decision.policy),
          reason: textJson(decision.reason),
        }),
      durationMs: JSON.stringify(entry.durationMs),
      issuer: textJson(entry.issuer === principal?.issuer ? undefined : entry.issuer),
      kind: textJson(entry.kind),
      method: textJson(entry.method),
      notice: notice && boundedJson(notice, maxChars).json,
      outcome: textJson(entry.outcome),
    }),
    between: membersJson({
      principal: principal && cachedJson(principal, principalJson),
      replica: textJson(replica),
      requestId: textJson(entry.requestId),
      response: response.json,
      responseCut: response.cut,
      revision: textJson(entry.revision),
      scopes:
        scopes &&
        `{"held":${cachedJson(scopes.held, listJson)},"needed":${cachedJson(scopes.needed, listJson)}}`,
    }),
    after: membersJson({
      server: textJson(entry.server),
      status: JSON.stringify(entry.status),
      summary: summary && boundedJson(summary, maxChars).json,
      tenant: textJson(entry.tenant) ?? 'null',
      time: `"${iso}"`,
      tool: textJson(entry.tool),
      traceId: textJson(entry.traceId),
    }).slice(0, -1),
  };
}

/** The line of a draft with its line break, and the record's hash. */
export function seal(draft: Draft, seq: number, prev: string): { line: string; hash: string } {
  const open = `{${draft.before}"prev":"${prev}",${draft.between}"seq":${seq},${draft.after}`;
  const own = hash('sha256', `${open}}`);
  return { line: `${open},"hash":"${own}"}\n`, hash: own };
}

/** Whether the line, without its line break, has the hash that it claims. */
export function isSealed(line: string, claimed: string): boolean {
  const open = line.slice(0, -HASH_MEMBER_CHARS);
  return line === `${open},"hash":"${claimed}"}` && hash('sha256', `${open}}`) === claimed;
}

/** The JSON object of a line and its place in a chain; undefined when it is no record. Nothing else is checked. */
export function readLink(line: string | undefined): (JsonObject & Head & { prev: string }) | undefined {
  let value: unknown;
  try {
    value = JSON.parse(line ?? '');
  } catch {
    return undefined;
  }
  if (!isRecord(value)) return undefined;
  const { seq, prev, hash } = value;
  if (typeof seq !== 'number' || !Number.isSafeInteger(seq) || seq < 1) return undefined;
  return typeof prev === 'string' && isHash(hash) ? { ...value, seq, prev, hash } : undefined;
}

const jsonCache = new WeakMap<object, string>();

/** The JSON of an object that stays the same over many calls, such as a verified principal. */
function cachedJson<T extends object>(value: T, toJson: (value: T) => string): string {
  const earlier = jsonCache.get(value);
  if (earlier !== undefined) return earlier;
  const json = toJson(value);
  jsonCache.set(value, json);
  return json;
}

/** Canonical JSON, or the length and digest of a value whose text is longer than `max` characters. */
function boundedJson(value: unknown, max: number): { json?: string; cut?: string } {
  if (value === undefined) return {};
  try {
    const plain = plainJson(value);
    if (plain !== undefined && plain.length <= max) return { json: plain };
  } catch {
    // Too deep for plainJson, though perhaps not for JSON.stringify.
  }
  let text: string;
  try {
    text = JSON.stringify(value) ?? 'null';
  } catch {
    // A value that is not JSON (a circle, a bigint) must not cost the record.
    text = '"(not JSON)"';
  }
  if (text.length > max) return { cut: `{"chars":${text.length},"sha256":"${hash('sha256', text)}"}` };
  // Parsed again, because a reader sees what JSON.stringify makes of dates, undefined and the like.
  return { json: typeof value === 'object' ? canonicalJson(JSON.parse(text)) : text };
}

function textJson(text: string | undefined): string | undefined {
  return text === undefined ? undefined : quoted(shorten(text, MAX_TEXT));
}

function listJson(items: readonly string[]): string {
  const texts = items.slice(0, MAX_ITEMS).map((item) => shorten(item, MAX_TEXT));
  if (items.length > MAX_ITEMS) texts.push(`... and ${items.length - MAX_ITEMS} more`);
  return JSON.stringify(texts);
}

const principalJson = ({ clientId, issuer, user }: NonNullable<AuditEntry['principal']>): string =>
  objectJson({ clientId: textJson(clientId), issuer: textJson(issuer), user: textJson(user) });

const objectJson = (members: Members): string => `{${membersJson(members).slice(0, -1)}}`;

/** JSON by name; undefined for what is absent. */
type Members = { [name: string]: string | undefined };

/** Each member that is present, with a comma behind it. */
function membersJson(members: Members): string {
  let text = '';
  for (const name in members) if (members[name] !== undefined) text += `"${name}":${members[name]},`;
  return text;
}
