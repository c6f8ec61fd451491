/**
 * A person's approval of one call, and of that call alone: what is kept of it, and how it goes from one state to the
 * next. Pure; where approvals are kept is in approvals.ts, and who may decide is found out before it comes to that.
 */

import type { JsonObject } from '../../wire/value.js';

/**
 * `pending` until a person has `approved` or `refused`; an approved one is `consumed` by the call it is for, once.
 * Whatever is not consumed in time is `expired`: that is told from `expiresAt` and never written.
 */
export type ApprovalState = 'pending' | 'approved' | 'refused' | 'consumed';

/** An approval holds this long from its request on, milliseconds: as long as one in a token. */
export const APPROVAL_TTL_MS = 15 * 60_000;

/** Who asks for what. All of it has to be the same again when the approval is used. */
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
  /** Random, and all that stands in the page's URL: it gives nobody any right. */
  id: string;
  /** The arguments as they are shown: redacted. */
  args: unknown;
  /** Why a person is needed, as policy says it. */
  reason: string;
  /** Milliseconds since 1970. */
  createdAt: number;
  expiresAt: number;
  /** Whether somebody other than the caller has to approve it. The replica that was asked decides; the others obey. */
  fourEyes: boolean;
  state: ApprovalState;
  /** Who approved or refused, when, and what they said to it. */
  decidedBy?: { issuer: string; user: string };
  /** Where: on the page, or by Slack. */
  decidedVia?: string;
  decidedAt?: number;
  comment?: string;
  consumedAt?: number;
  /** Who is about to take the next step, and until when, milliseconds since 1970; see recorded-step.ts. */
  reservation?: { by: string; until: number };
  /** The reservation that the newest step was taken with. */
  committedBy?: string;
};

/** Somebody with the scope `approvals:decide` in this tenant of their issuer. */
export type Approver = { issuer: string; user: string; tenant: string; via: 'page' | 'slack' };

/** Both parts are needed: two issuers may give the same name to different organisations. */
export type Tenant = Pick<Approval, 'issuer' | 'tenant'>;

/** Why a decision was not taken; `own` is four-eyes, `decided` names what it was decided to before. */
export type NotDecided = 'unknown' | 'expired' | 'decided' | 'own';
export type Decided =
  | { kind: 'decided'; approval: Approval }
  | { kind: 'not-decided'; why: NotDecided; approval?: Approval };

/** What approvers can do, on the pages or in Slack. They do not see approvals of another tenant or another issuer. */
export type ApprovalService = {
  /** The approvals of a tenant that can still be decided, newest first. */
  pending(tenant: Tenant): Promise<Approval[]>;
  /** One of any state, also expired ones as long as they are kept; the look is recorded. */
  show(id: string, approver: Approver): Promise<Approval | undefined>;
  decide(id: string, approver: Approver, verdict: { approve: boolean; comment: string }): Promise<Decided>;
  /** Calls back whenever a list may have changed. Returns a function that stops this. */
  watch(listener: () => void): () => void;
};

/** The reason as people read it: the reference's own wording names a card in Slack, whether or not there is one. */
export function readableReason({ reason }: Approval): string {
  return reason.replace(/ \(Slack card\)$/, '');
}

export function isExpired({ expiresAt }: Approval, now: number): boolean {
  return now >= expiresAt;
}

/** Whether the approver is the person who asked. */
export type IsOwn = (approval: Approval, approver: { issuer: string; user: string }) => boolean;

export const isOwn: IsOwn = ({ issuer, user }, approver) =>
  issuer === approver.issuer && user === approver.user;

export function isOfTenant({ issuer, tenant }: Tenant, of: Tenant): boolean {
  return issuer === of.issuer && tenant === of.tenant;
}

const TEXTS = ['id', 'server', 'tool', 'issuer', 'tenant', 'user', 'clientId', 'digest', 'reason'];
const STATES: readonly unknown[] = ['pending', 'approved', 'refused', 'consumed'];

/** Whether a value has the shape of an approval. Only its seal shows that it is genuine. */
export function isApproval(value: JsonObject): value is JsonObject & Approval {
  return (
    TEXTS.every((name) => typeof value[name] === 'string') &&
    typeof value.createdAt === 'number' &&
    typeof value.expiresAt === 'number' &&
    typeof value.fourEyes === 'boolean' &&
    STATES.includes(value.state)
  );
}
