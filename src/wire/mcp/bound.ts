/** The scopes that a later reader of a result needs, as they are stored with it. The rules are in reading.ts. */

/** Undefined for results of an earlier version, which stored no scopes. */
export type Bound = readonly string[] | undefined;

/** The reader of a result: `check` throws the refusal when their token lacks some of these scopes. */
export type Reader = { principal: string; check(bound: Bound): void };
