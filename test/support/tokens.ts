/** What the tests of tokens share: one resource, one moment, a verifier whose time the test sets, and its outcome. */
import { InvalidToken, IssuerUnreachable } from '../../src/oauth/token-errors.js';
import { createVerifier, type Verifier, type VerifierOptions } from '../../src/oauth/verifier.js';
import type { Principal } from '../../src/wire/principal.js';

export const RESOURCE = 'http://localhost:3000/mcp';
/** Seconds since 1970. */
export const NOW = 1_785_585_600;

type Json = { [key: string]: unknown };

/** Valid in every way by default; undefined claims are left out. */
export function claimsOf(iss: string | undefined, others: Json = {}): Json {
  const times = { iat: NOW, exp: NOW + 3600 };
  return { iss, sub: 'alice', aud: RESOURCE, client_id: 'demo', scope: 'jira:read', ...times, ...others };
}

export type Timed = Verifier & {
  pass(ms: number): void;
  /** A principal, or the reason why not. `address` is the client's. */
  outcome(token: string, address?: string): Promise<Principal | string>;
  /** The resulting error. */
  refusal(token: string): Promise<InvalidToken | IssuerUnreachable>;
};

export function timed(options: VerifierOptions, resource = RESOURCE): Timed {
  let ms = NOW * 1000;
  const verifier = createVerifier({ clock: () => new Date(ms), ...options }, resource);
  async function refusal(token: string): Promise<InvalidToken | IssuerUnreachable> {
    const came = await settled(() => verifier.verify(token));
    if (came instanceof InvalidToken || came instanceof IssuerUnreachable) return came;
    throw came instanceof Error ? came : new Error(`the token was accepted: ${JSON.stringify(came)}`);
  }
  return {
    ...verifier,
    pass(by) {
      ms += by;
    },
    refusal,
    async outcome(token, address) {
      const came = await settled(() => verifier.verify(token, address));
      if (came instanceof InvalidToken) return came.reason;
      if (came instanceof IssuerUnreachable) return came.name;
      if (came instanceof Error) throw came;
      return came;
    },
  };
}

async function settled(verify: () => Principal | Promise<Principal>): Promise<Principal | Error> {
  try {
    return await verify();
  } catch (error) {
    if (error instanceof Error) return error;
    throw error;
  }
}

/** The principal's user where there is one, else the reason: short enough for a table of outcomes. */
export function who(outcome: Principal | string): string {
  return typeof outcome === 'string' ? outcome : `is ${outcome.user}`;
}
