/** What a result is bound to, for whoever keeps it: the scopes that a later reader must hold. The rules are in reading.ts. */

/** Undefined for what an earlier version wrote, which noted no scopes. */
export type Bound = readonly string[] | undefined;

/** Who asks for a result: `check` throws the refusal when their token may not read what is bound to these scopes. */
export type Reader = { principal: string; check(bound: Bound): void };
