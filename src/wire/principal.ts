/** Who a verified token speaks for. How a token becomes one is in auth/; what it may do is decided in policy/. */

export type Principal = {
  /** The authorization server that vouches for it; `stdio` for whoever started the process. */
  issuer: string;
  /** The token's `sub`: a person, a client of its own, or a workload (`spiffe://…`). Unique within its issuer. */
  user: string;
  tenant: string;
  clientId: string;
  /** What was granted, with everything that follows from it by the configured hierarchy. */
  scopes: readonly string[];
  /** When a person last approved, seconds since 1970; undefined when nobody did. */
  approvedAt: number | undefined;
  /** When the token ends, seconds since 1970; undefined where nothing ends. */
  expiresAt: number | undefined;
};

/** One text for one principal: sessions, tasks and sealed state of one are unknown to any other. */
export function principalKey({ issuer, tenant, user, clientId }: Principal): string {
  return JSON.stringify([issuer, tenant, user, clientId]);
}

/** One text per tenant of an issuer, because two issuers may give the same name to different organisations. */
export function tenantKey({ issuer, tenant }: Pick<Principal, 'issuer' | 'tenant'>): string {
  return JSON.stringify([issuer, tenant]);
}

/** Undefined for results of an earlier version, which stored no scopes. */
export type Bound = readonly string[] | undefined;

/** The reader of a result: `check` throws the refusal when their token lacks some of these scopes. */
export type Reader = { principal: string; check(bound: Bound): void };

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
