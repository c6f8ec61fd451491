/**
 * Access tokens that were revoked, each until it would have expired. Anybody on this machine can get tokens and revoke them,
 * so there is a limit; none goes before its time, for it would be good again. What finds no room is refused instead.
 */
export type RevokedTokens = {
  has(jti: string): boolean;
  /** False when there is no room. `exp` in seconds since 1970. */
  add(jti: string, exp: number): boolean;
};

const MAX_REVOKED = 50_000;

export function createRevokedTokens(clock: () => Date, max = MAX_REVOKED): RevokedTokens {
  const ends = new Map<string, number>();
  const isOver = (exp: number): boolean => exp * 1000 <= clock().getTime();
  return {
    has: (jti) => ends.has(jti),
    add(jti, exp) {
      if (ends.size >= max) for (const [old, end] of ends) if (isOver(end)) ends.delete(old);
      if (ends.size >= max && !ends.has(jti)) return false;
      ends.set(jti, exp);
      return true;
    },
  };
}
