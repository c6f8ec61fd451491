/**
 * One audit record and its one line of JSON. The line is the record's canonical JSON (RFC 8785) with the member `hash`
 * put last: the SHA-256 of that canonical JSON without it. `prev` is the hash of the record before, so nobody can
 * change, remove or move one without changing all that follow. Where lines are kept is in log.ts, what a chain proves
 * in verify.ts. Arguments and responses arrive here redacted. Over 200 lines because it is one record and its one line.
 *
 * @see https://www.rfc-editor.org/rfc/rfc8785
 */
import { hash } from 'node:crypto';
import type { Principal } from '../../wire/principal.js';
import { isRecord, type JsonObject } from '../../wire/value.js';
import { boundedJson, boundedList, boundedText } from './bounded.js';
import type { Owner } from './names.js';
import type { RefusalSummary } from './summary.js';

/**
 * `intent`: a call is about to run; `outcome`: it has; `refused`: it never ran; `approval`: a person answered;
 * `summary`: how many were refused before anybody knew who they are, and have no record of their own; `log`: the log, or
 * the server, about itself.
 */
export type AuditKind = 'intent' | 'outcome' | 'refused' | 'approval' | 'summary' | 'log';

type Who = Pick<Principal, 'issuer' | 'user' | 'clientId'>;

/** What the caller knows; time, replica and place in the chain are the log's. */
export type AuditEntry = Owner & {
  kind: AuditKind;
  requestId?: string | undefined;
  /** One for all records of a call: its intent and its outcome. */
  callId?: string | undefined;
  /** See trace.ts. */
  traceId?: string | undefined;
  principal?: Who | undefined;
  /** The client's name and version, as it calls itself. */
  client?: string | undefined;
  revision?: string | undefined;
  server?: string | undefined;
  method?: string | undefined;
  tool?: string | undefined;
  scopes?: { held: readonly string[]; needed: readonly string[] } | undefined;
  decision?: Decision | undefined;
  /** One word: `ok`, `error`, `timeout`. */
  outcome?: string | undefined;
  /** The HTTP status of the answer. */
  status?: number | undefined;
  durationMs?: number | undefined;
  args?: unknown;
  response?: unknown;
  approvalId?: string | undefined;
  /** Who approved the call, in the record of the approval's use; `via` is `page` or `slack`. */
  approver?: Approver | undefined;
  /** Of a record of kind `summary`. */
  summary?: RefusalSummary | undefined;
  /** What a record of kind `log` has to say; `what` names it. */
  notice?: Notice | undefined;
};

/** `policy` is the version of the embedded policy, `id` the decision's in OPA's own log; `enforced: false` in a dry run. */
export type Decision = {
  allow: boolean;
  reason: string;
  policy?: string;
  id?: string;
  enforced?: boolean;
};
export type Approver = { issuer: string; user: string; via: string };
export type Notice = { what: string } & JsonObject;

/** What stands for a value that was too long: how long, and the SHA-256 of its JSON text as JSON.stringify lays it out. */
export type Cut = { chars: number; sha256: string };

export type AuditRecord = Omit<AuditEntry, 'tenant' | 'issuer'> & {
  time: string;
  /** 1, 2, 3 … over all files of one tenant and replica. */
  seq: number;
  replica: string;
  tenant: string | null;
  /** The tenant's issuer; left out when the principal has the same. */
  issuer?: string;
  argsCut?: Cut;
  responseCut?: Cut;
  prev: string;
  hash: string;
};

/** A record whose place in the chain is still open: only `prev` and `seq` are missing. */
export type Draft = { day: string; before: string; between: string; after: string };

export const HASH = /^[0-9a-f]{64}$/;
const HASH_MEMBER = ',"hash":"'.length + 64 + '"}'.length;

/** What the first record of a series has as `prev`: a series moved elsewhere does not begin there. */
export function genesis(folder: string, replica: string): string {
  return hash('sha256', `the audit log of ${folder} by ${replica}`);
}

/** The entry's members as canonical JSON, around the two that are not known yet. */
export function layOut(entry: AuditEntry, time: Date, replica: string, maxChars: number): Draft {
  const { principal, scopes, decision, summary, notice } = entry;
  const args = boundedJson(entry.args, maxChars);
  const response = boundedJson(entry.response, maxChars);
  const iso = isoOf(time.getTime());
  return {
    day: iso.slice(0, 10),
    before:
      member('approvalId', boundedText(entry.approvalId)) +
      member('approver', entry.approver && boundedApprover(entry.approver)) +
      member('args', args.json) +
      member('argsCut', args.cut) +
      member('callId', boundedText(entry.callId)) +
      member('client', boundedText(entry.client)) +
      member('decision', decision && boundedDecision(decision)) +
      member('durationMs', numberJson(entry.durationMs)) +
      member('issuer', boundedText(entry.issuer === principal?.issuer ? undefined : entry.issuer)) +
      member('kind', JSON.stringify(entry.kind)) +
      member('method', boundedText(entry.method)) +
      member('notice', notice && boundedJson(notice, maxChars).json) +
      member('outcome', boundedText(entry.outcome)),
    between:
      member('principal', principal && once(principal, boundedPrincipal)) +
      member('replica', boundedText(replica)) +
      member('requestId', boundedText(entry.requestId)) +
      member('response', response.json) +
      member('responseCut', response.cut) +
      member('revision', boundedText(entry.revision)) +
      member(
        'scopes',
        scopes && `{"held":${once(scopes.held, boundedList)},"needed":${once(scopes.needed, boundedList)}}`,
      ),
    after:
      member('server', boundedText(entry.server)) +
      member('status', numberJson(entry.status)) +
      member('summary', summary && boundedJson(summary, maxChars).json) +
      member('tenant', boundedText(entry.tenant) ?? 'null') +
      `"time":"${iso}"${following('tool', boundedText(entry.tool))}` +
      following('traceId', boundedText(entry.traceId)),
  };
}

const laidOut = new WeakMap<object, string>();

/** The JSON of what stays the same from call to call, such as a principal that was verified before. It is never changed. */
function once<T extends object>(value: T, layOut: (value: T) => string): string {
  const known = laidOut.get(value);
  if (known !== undefined) return known;
  const json = layOut(value);
  laidOut.set(value, json);
  return json;
}

let newest = { ms: Number.NaN, iso: '' };

/** Laid out once a millisecond: a busy server writes many records in one. */
function isoOf(ms: number): string {
  if (ms !== newest.ms) newest = { ms, iso: new Date(ms).toISOString() };
  return newest.iso;
}

/** Gives the draft its place: its line, with the line break, and the hash that the next one names. */
export function seal(draft: Draft, seq: number, prev: string): { line: string; hash: string } {
  const open = `{${draft.before}"prev":"${prev}",${draft.between}"seq":${seq},${draft.after}`;
  const own = hash('sha256', `${open}}`);
  return { line: `${open},"hash":"${own}"}\n`, hash: own };
}

/** Whether the line, without its line break, is what its own hash says. */
export function isSealed(line: string, named: string): boolean {
  const open = line.slice(0, -HASH_MEMBER);
  return line === `${open},"hash":"${named}"}` && hash('sha256', `${open}}`) === named;
}

/** The JSON object of a line, with its place in a chain; undefined when it is no record. Nothing else is checked. */
export function readLink(
  line: string,
): (JsonObject & { seq: number; prev: string; hash: string }) | undefined {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    return undefined;
  }
  if (!isRecord(value)) return undefined;
  const { seq, prev, hash } = value;
  if (typeof seq !== 'number' || !Number.isSafeInteger(seq) || seq < 1) return undefined;
  if (typeof prev !== 'string' || typeof hash !== 'string' || !HASH.test(hash)) return undefined;
  return { ...value, seq, prev, hash };
}

function boundedDecision({ allow, enforced, id, policy, reason }: Decision): string {
  const start = `{"allow":${allow}${enforced === undefined ? '' : `,"enforced":${enforced}`}`;
  const end = `${following('policy', boundedText(policy))},"reason":${boundedText(reason)}}`;
  return start + following('id', boundedText(id)) + end;
}

function boundedPrincipal({ clientId, issuer, user }: Who): string {
  return `{"clientId":${boundedText(clientId)},"issuer":${boundedText(issuer)},"user":${boundedText(user)}}`;
}

function boundedApprover({ issuer, user, via }: Approver): string {
  return `{"issuer":${boundedText(issuer)},"user":${boundedText(user)},"via":${boundedText(via)}}`;
}

const numberJson = (value: number | undefined) =>
  value === undefined ? undefined : Number.isFinite(value) ? `${value}` : 'null';
const member = (name: string, json: string | undefined) => (json === undefined ? '' : `"${name}":${json},`);
const following = (name: string, json: string | undefined) =>
  json === undefined ? '' : `,"${name}":${json}`;
