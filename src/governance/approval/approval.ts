/**
 * A person's approval of one call, and of that call alone: its data, who may decide it, and how a decision changes it. Pure;
 * approvals.ts stores approvals.
 */
import { hash } from 'node:crypto';
import { canonicalJson } from '../../wire/jsonrpc/json.js';
import type { Principal } from '../../wire/principal.js';
import type { JsonObject } from '../../wire/value.js';
import { type Basis, isBasis } from './basis.js';

/**
 * `pending` until a person has `approved` or `refused`; the call uses up an approved one once, which is then `consumed`. An
 * approval that is not consumed in time has expired; that follows from `expiresAt` and is never written.
 */
type ApprovalState = 'pending' | 'approved' | 'refused' | 'consumed';

/** How long an approval is valid from its request on, milliseconds: as long as one in a token. */
export const APPROVAL_TTL_MS = 15 * 60_000;

export type Call = {
  tool: string;
  principal: Principal;
  args: JsonObject;
  reason: string;
  basis?: Basis | undefined;
};

/** The caller and the call. All of it has to be the same again when the approval is used. */
export type Binding = {
  server: string;
  tool: string;
  issuer: string;
  tenant: string;
  user: string;
  clientId: string;
  /** SHA-256 of the arguments' canonical JSON (RFC 8785), hexadecimal. */
  digest: string;
};

export type Approval = Binding & {
  /** Random; it is all that the page's URL contains, and gives nobody any right. */
  id: string;
  /** The arguments as everybody may see them: redacted. */
  args: unknown;
  /** Whether `args` hides anything. */
  masked?: true;
  /** The arguments as they are, encrypted, until somebody decides; see reveal.ts. */
  sealed?: string;
  /** Why the policy requires a person. */
  reason: string;
  /** Absent in rows of earlier versions. */
  basis?: Basis;
  /** Milliseconds since 1970. */
  createdAt: number;
  expiresAt: number;
  /** Whether somebody other than the caller has to approve. The replica that made the request decides this for all. */
  fourEyes: boolean;
  state: ApprovalState;
  decidedBy?: { issuer: string; user: string };
  decidedVia?: string;
  decidedAt?: number;
  comment?: string;
  consumedAt?: number;
  /** Who is about to take the next step, and until when, milliseconds since 1970; see recorded-step.ts. */
  reservation?: { by: string; until: number };
  /** The reservation with which the newest step was taken. */
  committedBy?: string;
};

/** Somebody with the scope `approvals:decide` in this tenant of their issuer. */
export type Approver = { issuer: string; user: string; tenant: string; via: 'page' | 'slack' };
export type Verdict = { approve: boolean; comment: string };

/** What one approver sees. `realArgs`: what the tool would receive, where `args` hides some of it and the approver may see it. */
export type ShownApproval = Approval & { realArgs?: unknown };

/** Both parts are needed: two issuers may give the same name to different organisations. */
export type Tenant = Pick<Approval, 'issuer' | 'tenant'>;

/** Why a decision did not count: `own` breaks four eyes, `decided` came too late, `masked` approves what nobody could see. */
export type NotDecided = 'unknown' | 'expired' | 'decided' | 'own' | 'masked';
export type DecisionResult =
  | { kind: 'decided'; approval: Approval }
  | { kind: 'not-decided'; why: NotDecided; approval?: Approval };
export type Undecided = DecisionResult & { kind: 'not-decided' };

/** What approvers can do, on the pages or in Slack. They see no approvals of another tenant or another issuer. */
export type ApprovalService = {
  /** The approvals of a tenant that can still be decided, newest first. */
  pending(tenant: Tenant): Promise<Approval[]>;
  /** One of any state, including expired ones as long as they are stored. Each look is recorded. */
  show(id: string, approver: Approver): Promise<ShownApproval | undefined>;
  decide(id: string, approver: Approver, verdict: Verdict): Promise<DecisionResult>;
  /** Calls back whenever a list may have changed. Returns a function that stops this. */
  watch(listener: () => void): () => void;
};

export function bindingOf(server: string, { tool, principal, args }: Call): Binding {
  const { issuer, tenant, user, clientId } = principal;
  return { server, tool, issuer, tenant, user, clientId, digest: hash('sha256', canonicalJson(args)) };
}

/** The key of an approval's row, from the members of the binding and no others. */
export function keyOf({ server, tool, issuer, tenant, user, clientId, digest }: Binding): string {
  return hash('sha256', canonicalJson([server, tool, issuer, tenant, user, clientId, digest]));
}

/** The reason without the Slack card that the reference's own wording names, whether or not there is one. */
export function readableReason({ reason }: Approval): string {
  return reason.replace(/ \(Slack card\)$/, '');
}

export function isExpired({ expiresAt }: Approval, now: number): boolean {
  return now >= expiresAt;
}

/** Whether the approver is the person who made the request. */
export type IsOwn = (approval: Approval, approver: { issuer: string; user: string }) => boolean;

export const isOwn: IsOwn = ({ issuer, user }, approver) =>
  issuer === approver.issuer && user === approver.user;

export function isOfTenant({ issuer, tenant }: Tenant, other: Tenant): boolean {
  return issuer === other.issuer && tenant === other.tenant;
}

type DecisionRules = {
  approver: Approver;
  approve: boolean;
  /** The rule of this replica. The stricter of this and the rule stored with the request applies. */
  fourEyes: boolean;
  isOwn: IsOwn;
  now: number;
  /** Whether the approver sees what is masked elsewhere. */
  seesAll: boolean;
};

export function checkDecision(
  approval: Approval | undefined,
  id: string,
  { approver, approve, fourEyes, isOwn, now, seesAll }: DecisionRules,
): Undecided | undefined {
  // The row may hold a later approval of the same call.
  if (approval?.id !== id) return { kind: 'not-decided', why: 'unknown' };
  if (approval.state !== 'pending') return { kind: 'not-decided', why: 'decided', approval };
  if (isExpired(approval, now)) return { kind: 'not-decided', why: 'expired', approval };
  // People may always withdraw their own request.
  if (approve && (fourEyes || approval.fourEyes) && isOwn(approval, approver))
    return { kind: 'not-decided', why: 'own', approval };
  if (approve && approval.masked === true && !seesAll)
    return { kind: 'not-decided', why: 'masked', approval };
  return undefined;
}

/** Whether people approved their own request although somebody else has to. Such an approval does not count. */
export function breaksFourEyes(
  approval: Approval,
  { fourEyes, isOwn }: Pick<DecisionRules, 'fourEyes' | 'isOwn'>,
): boolean {
  const { state, decidedBy } = approval;
  if (state !== 'approved' || !(fourEyes || approval.fourEyes)) return false;
  return decidedBy === undefined || isOwn(approval, decidedBy);
}

/** Small enough that the form of the page stays within its size limit in any script. */
export const MAX_COMMENT = 500;

/** The encrypted arguments are not kept any longer. */
export function applyDecision(
  { sealed: _, ...approval }: Approval,
  { issuer, user, via }: Approver,
  { approve, comment }: Verdict,
  decidedAt: number,
): Approval {
  return {
    ...approval,
    state: approve ? 'approved' : 'refused',
    decidedBy: { issuer, user },
    decidedVia: via,
    decidedAt,
    comment: comment.trim().slice(0, MAX_COMMENT),
  };
}

const TEXTS = ['id', 'server', 'tool', 'issuer', 'tenant', 'user', 'clientId', 'digest', 'reason'];
const STATES: readonly unknown[] = ['pending', 'approved', 'refused', 'consumed'];

/** Whether a value has the shape of an approval. Only its seal proves that it is genuine. */
export function isApproval(value: JsonObject): value is JsonObject & Approval {
  return (
    TEXTS.every((name) => typeof value[name] === 'string') &&
    typeof value.createdAt === 'number' &&
    typeof value.expiresAt === 'number' &&
    typeof value.fourEyes === 'boolean' &&
    STATES.includes(value.state) &&
    (value.basis === undefined || isBasis(value.basis))
  );
}
