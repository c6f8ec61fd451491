/** The caller that a verified token stands for. oauth/ turns a token into one; governance/policy/ decides what it may do. */
import type { Fault } from './fault.js';

export type Principal = {
  /** The authorization server that vouches for the caller; `stdio` for the user who started the process. */
  issuer: string;
  /** The token's `sub`: a person, a client acting for itself, or a workload (`spiffe://…`). Unique within its issuer. */
  user: string;
  tenant: string;
  clientId: string;
  /** The granted scopes, plus every scope that they imply in the configured hierarchy. */
  scopes: readonly string[];
  /** When a person last approved, in seconds since 1970; undefined if nobody did. */
  approvedAt: number | undefined;
  /** When the token expires, in seconds since 1970; undefined if it does not. */
  expiresAt: number | undefined;
};

/** Cached, because every request needs the key, and most requests have a principal that was verified before. */
const keys = new WeakMap<Principal, string>();

/** A unique key for each principal. No principal can see another's sessions, tasks or sealed state. */
export function principalKey(principal: Principal): string {
  let key = keys.get(principal);
  if (key === undefined) {
    const { issuer, tenant, user, clientId } = principal;
    key = JSON.stringify([issuer, tenant, user, clientId]);
    keys.set(principal, key);
  }
  return key;
}

/** A unique key for each tenant of an issuer: two issuers may give different organisations the same name. */
export function tenantKey({ issuer, tenant }: Pick<Principal, 'issuer' | 'tenant'>): string {
  return JSON.stringify([issuer, tenant]);
}

/** The scopes that a reader of a result needs; undefined for results of an earlier version, which stored none. */
export type Bound = readonly string[] | undefined;

/** The reader of a result. `check` returns a refusal when the reader's token lacks some of these scopes. */
export type Reader = { principal: string; check(bound: Bound): Fault | undefined };

/** The caller of a server that verifies no tokens. */
export const ANONYMOUS: Principal = {
  issuer: '',
  user: 'anonymous',
  tenant: 'default',
  clientId: '',
  scopes: [],
  approvedAt: undefined,
  expiresAt: undefined,
};
