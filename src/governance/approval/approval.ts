/**
 * A person's approval of one call, and of that call alone: its data, and who sees and decides it. decision.ts has what a
 * decision needs, and approvals.ts stores approvals.
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

/**
 * How the call goes on after the decision: it `waits` and goes on by itself, or its client `returns` for the result once its user
 * goes on there, or the caller was refused and has to send it again.
 */
export const RESUMPTIONS = ['waits', 'returns', 'repeats'] as const;
export type Resumption = (typeof RESUMPTIONS)[number];

export type Call = {
  tool: string;
  principal: Principal;
  args: JsonObject;
  reason: string;
  basis?: Basis | undefined;
  resumes?: Resumption | undefined;
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
  /** Of the call that made this request; an equal call may go on in another way. Absent in rows of earlier versions. */
  resumes?: Resumption;
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
export type DecisionRefusalReason = 'unknown' | 'expired' | 'decided' | 'own' | 'masked';
export type DecisionResult =
  | { kind: 'decided'; approval: Approval }
  | { kind: 'not-decided'; why: DecisionRefusalReason; approval?: Approval };
export type DecisionRefusal = DecisionResult & { kind: 'not-decided' };

/** What approvers can do, on the pages or in Slack. They see no approvals of another tenant or another issuer. */
export type ApprovalService = {
  /** The approvals of a tenant that can still be decided, newest first. */
  pending(tenant: Tenant): Promise<Approval[]>;
  /** The latest decisions of a tenant that are still stored, newest first. */
  decided(tenant: Tenant): Promise<Approval[]>;
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
    (value.basis === undefined || isBasis(value.basis)) &&
    (value.resumes === undefined || RESUMPTIONS.some((one) => one === value.resumes))
  );
}
