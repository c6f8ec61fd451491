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
  const iso = isoOf(time.getTime());
  return {
    day: iso.slice(0, 10),
    before:
      member('approvalId', boundedText(entry.approvalId)) +
      member('approver', approver && membersJson(approver, 'issuer', 'user', 'via')) +
      member('args', args.json) +
      member('argsCut', args.cut) +
      member('callId', boundedText(entry.callId)) +
      member('client', boundedText(entry.client)) +
      member('decision', decision && decisionJson(decision)) +
      member('durationMs', numberJson(entry.durationMs)) +
      member('issuer', boundedText(entry.issuer === principal?.issuer ? undefined : entry.issuer)) +
      member('kind', JSON.stringify(entry.kind)) +
      member('method', boundedText(entry.method)) +
      member('notice', notice && boundedJson(notice, maxChars).json) +
      member('outcome', boundedText(entry.outcome)),
    between:
      member('principal', principal && cached(principal, principalJson)) +
      member('replica', boundedText(replica)) +
      member('requestId', boundedText(entry.requestId)) +
      member('response', response.json) +
      member('responseCut', response.cut) +
      member('revision', boundedText(entry.revision)) +
      member(
        'scopes',
        scopes && `{"held":${cached(scopes.held, listJson)},"needed":${cached(scopes.needed, listJson)}}`,
      ),
    after:
      member('server', boundedText(entry.server)) +
      member('status', numberJson(entry.status)) +
      member('summary', summary && boundedJson(summary, maxChars).json) +
      member('tenant', boundedText(entry.tenant) ?? 'null') +
      `"time":"${iso}"${laterMember('tool', boundedText(entry.tool))}` +
      laterMember('traceId', boundedText(entry.traceId)),
  };
}

/** The line of a draft with its line break, and the record's hash. */
export function seal(draft: Draft, seq: number, prev: string): { line: string; hash: string } {
  const open = `{${draft.before}"prev":"${prev}",${draft.between}"seq":${seq},${draft.after}`;
  const own = hash('sha256', `${open}}`);
  return { line: `${open},"hash":"${own}"}\n`, hash: own };
}

/** The lines of drafts that follow the record `head`, and the new head. */
export function sealAll(drafts: readonly Draft[], { seq, hash: prev }: Head): { text: string; head: Head } {
  const head = { seq, hash: prev };
  let text = '';
  for (const draft of drafts) {
    head.seq += 1;
    const sealed = seal(draft, head.seq, head.hash);
    head.hash = sealed.hash;
    text += sealed.line;
  }
  return { text, head };
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
function cached<T extends object>(value: T, toJson: (value: T) => string): string {
  const earlier = jsonCache.get(value);
  if (earlier !== undefined) return earlier;
  const json = toJson(value);
  jsonCache.set(value, json);
  return json;
}

let newestTime = { ms: Number.NaN, iso: '' };

/** Formatted once per millisecond: a busy server writes many records in one. */
function isoOf(ms: number): string {
  if (ms !== newestTime.ms) newestTime = { ms, iso: new Date(ms).toISOString() };
  return newestTime.iso;
}

/** Canonical JSON, or the length and digest of a value whose text is longer than `max` characters. */
function boundedJson(value: unknown, max: number): { json?: string; cut?: string } {
  if (value === undefined) return {};
  const plain = orUndefined(() => plainJson(value));
  if (plain !== undefined && plain.length <= max) return { json: plain };
  // A value that is not JSON (a circle, a bigint) must not cost the record.
  const text = orUndefined(() => JSON.stringify(value) ?? 'null') ?? '"(not JSON)"';
  if (text.length > max) return { cut: `{"chars":${text.length},"sha256":"${hash('sha256', text)}"}` };
  // Parsed again, because a reader sees what JSON.stringify makes of dates, undefined and the like.
  return { json: typeof value === 'object' ? canonicalJson(JSON.parse(text)) : text };
}

function orUndefined<T>(run: () => T): T | undefined {
  try {
    return run();
  } catch {
    return undefined;
  }
}

function boundedText(text: string | undefined): string | undefined {
  return text === undefined ? undefined : quoted(shorten(text, MAX_TEXT));
}

function listJson(items: readonly string[]): string {
  const texts = items.slice(0, MAX_ITEMS).map((item) => shorten(item, MAX_TEXT));
  if (items.length > MAX_ITEMS) texts.push(`... and ${items.length - MAX_ITEMS} more`);
  return JSON.stringify(texts);
}

function decisionJson({ allow, enforced, id, policy, reason }: NonNullable<AuditEntry['decision']>): string {
  const start = `{"allow":${allow}${enforced === undefined ? '' : `,"enforced":${enforced}`}`;
  const end = `${laterMember('policy', boundedText(policy))},"reason":${boundedText(reason)}}`;
  return start + laterMember('id', boundedText(id)) + end;
}

const principalJson = (principal: NonNullable<AuditEntry['principal']>): string =>
  membersJson(principal, 'clientId', 'issuer', 'user');

function membersJson<Name extends string>(value: { [key in Name]: string }, ...names: Name[]): string {
  return `{${names.map((name) => `"${name}":${boundedText(value[name])}`).join(',')}}`;
}

const numberJson = (value: number | undefined) =>
  value === undefined ? undefined : Number.isFinite(value) ? `${value}` : 'null';
const member = (name: string, json: string | undefined) => (json === undefined ? '' : `"${name}":${json},`);
const laterMember = (name: string, json: string | undefined) =>
  json === undefined ? '' : `,"${name}":${json}`;
