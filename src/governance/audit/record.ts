/** What an audit record says. Its line of JSON is made in record-line.ts. Arguments and responses arrive here redacted. */
import type { Principal } from '../../wire/principal.js';
import { isRecord, type JsonObject } from '../../wire/value.js';
import type { TenantId } from './names.js';

/**
 * `intent`: a call is about to run; `outcome`: it has run; `refused`: it never ran; `approval`: a step of an approval;
 * `summary`: counts of anonymous refusals that have no record of their own; `log`: the log about itself.
 */
export type AuditKind = 'intent' | 'outcome' | 'refused' | 'approval' | 'summary' | 'log';

/** The caller's part of a record. The log adds time, replica and place in the chain. */
export type AuditEntry = TenantId & {
  kind: AuditKind;
  requestId?: string | undefined;
  /** The same for all records of one call: its intent and its outcome. */
  callId?: string | undefined;
  traceId?: string | undefined;
  principal?: Pick<Principal, 'issuer' | 'user' | 'clientId'> | undefined;
  /** The name and version that the client reports. */
  client?: string | undefined;
  revision?: string | undefined;
  server?: string | undefined;
  method?: string | undefined;
  tool?: string | undefined;
  scopes?: { held: readonly string[]; needed: readonly string[] } | undefined;
  decision?: Decision | undefined;
  /** What the policy was asked besides, so that it can be asked again (replay.ts). Absent where it was not asked. */
  policyInput?: PolicyInput | undefined;
  /** One word: `ok`, `error`, `timeout`. */
  outcome?: string | undefined;
  /** The HTTP status of the response. */
  status?: number | undefined;
  durationMs?: number | undefined;
  args?: unknown;
  response?: unknown;
  approvalId?: string | undefined;
  /** Who approved the call, in the record of the approval's use. */
  approver?: Approver | undefined;
  /** Only in records of kind `summary`. */
  summary?: RefusalSummary | undefined;
  /** Only in records of kind `log`. */
  notice?: Notice | undefined;
};

/** `policy` is the version of the embedded policy, `id` OPA's id of the decision; `enforced: false` in a dry run. */
export type Decision = { allow: boolean; reason: string; policy?: string; id?: string; enforced?: boolean };
/**
 * The size of the arguments as they came, and when a person approved, in seconds since 1970: this call, or all calls with the token.
 */
export type PolicyInput = {
  callApprovedAt?: number | undefined;
  destructive: boolean;
  payloadChars: number;
  quotaSpent?: true | undefined;
  tokenApprovedAt?: number | undefined;
};
/** `via` is `page` or `slack`. */
export type Approver = { issuer: string; user: string; via: string };
export type Notice = { what: string } & JsonObject;

/** Of one minute; `from` and `to` are RFC 3339, and reasons are words of a short list. */
export type RefusalSummary = { from: string; to: string; reasons: { [reason: string]: RefusalCount } };
/** `recorded` of the `count` refusals have a record of their own. */
export type RefusalCount = { count: number; recorded: number };

/** Replaces a value that was too long: its length, and the SHA-256 of its text as JSON.stringify writes it. */
export type Cut = { chars: number; sha256: string };

export type AuditRecord = Omit<AuditEntry, 'tenant' | 'issuer'> & {
  time: string;
  /** 1, 2, 3 … over all files of one tenant and replica. */
  seq: number;
  replica: string;
  tenant: string | null;
  /** The tenant's issuer, unless the principal has the same one. */
  issuer?: string;
  argsCut?: Cut;
  responseCut?: Cut;
  prev: string;
  hash: string;
};

/** The place and hash of a record, of a chain's newest one unless said otherwise. */
export type Head = { seq: number; hash: string };

export function issuerOf({ issuer, principal }: AuditRecord): string | undefined {
  return issuer ?? principal?.issuer;
}

/** The refusals that are counted in a summary and have no record of their own. */
export function unrecordedIn({ reasons }: RefusalSummary): number {
  return Object.values(reasons).reduce((sum, { count, recorded }) => sum + count - recorded, 0);
}

const OPTIONAL_TEXTS =
  'approvalId callId client issuer method outcome requestId revision server tool traceId'.split(' ');

/** Whether a parsed line has the shape of a record. Members that a later version added are ignored. */
export function isAuditRecord(value: JsonObject): value is JsonObject & AuditRecord {
  const { principal, decision, scopes, summary, notice, tenant, durationMs, status } = value;
  return (
    hasTexts(value, 'time', 'kind', 'replica', 'prev', 'hash') &&
    (tenant === null || typeof tenant === 'string') &&
    OPTIONAL_TEXTS.every((name) => value[name] === undefined || typeof value[name] === 'string') &&
    [durationMs, status].every((number) => number === undefined || typeof number === 'number') &&
    (principal === undefined || hasTexts(principal, 'issuer', 'user', 'clientId')) &&
    (decision === undefined || (hasTexts(decision, 'reason') && typeof decision.allow === 'boolean')) &&
    (scopes === undefined ||
      (isRecord(scopes) && Array.isArray(scopes.held) && Array.isArray(scopes.needed))) &&
    (summary === undefined || isSummary(summary)) &&
    (notice === undefined || hasTexts(notice, 'what'))
  );
}

export function isSummary(value: unknown): value is RefusalSummary {
  return (
    hasTexts(value, 'from', 'to') &&
    isRecord(value.reasons) &&
    Object.values(value.reasons).every(
      (entry) => isRecord(entry) && typeof entry.count === 'number' && typeof entry.recorded === 'number',
    )
  );
}

function hasTexts(value: unknown, ...names: string[]): value is JsonObject {
  return isRecord(value) && names.every((name) => typeof value[name] === 'string');
}
