/**
 * State that all replicas of a server share, such as quotas, approvals, sessions and tasks: JSON values by space and key,
 * each updated atomically. state/ implements it in memory and in PostgreSQL.
 */
import type { JsonObject } from '../wire/value.js';

/** The outcome of an update; without `put` the value stays. */
export type Step<Result> = {
  result: Result;
  put?: {
    value: JsonObject;
    /** Milliseconds since 1970. An expired value counts as missing. */
    expiresAt: number;
    /** Whether to notify the watchers of the space, which costs a message to each replica. */
    tell?: boolean;
    /** The group in which `page` lists the value; each put sets it again. */
    group?: string;
  };
};

/** `next` is missing on the last page. */
export type GroupPage = { values: JsonObject[]; next?: string };

export type SharedState = {
  /** @throws StateUnavailable */
  get(space: string, key: string): Promise<JsonObject | undefined>;
  /**
   * Updates one value atomically: of two concurrent updates, also on two replicas, the second sees the result of the first.
   * `step` must be pure. @throws StateUnavailable
   */
  update<Result>(
    space: string,
    key: string,
    step: (value: JsonObject | undefined) => Step<Result>,
  ): Promise<Result>;
  /** The unexpired values of a space, last written first. @throws StateUnavailable */
  list(space: string, limit: number): Promise<JsonObject[]>;
  /**
   * The unexpired values of one group of a space, last written first. `after` is the `next` of the previous page. Values of
   * an earlier version have no group and are listed in every group. @throws StateUnavailable
   */
  page(space: string, group: string, limit: number, after?: string): Promise<GroupPage>;
  /**
   * Calls `listener` with the key of every value that any replica put with `tell`, and with undefined when notifications may
   * have been missed. Returns a function that stops it.
   */
  watch(space: string, listener: (key: string | undefined) => void): () => void;
  /** Rejects while the state cannot be reached. */
  ready(): Promise<void>;
  close(): Promise<void>;
};

/** The state cannot be reached, so whatever depends on it must be refused. */
export class StateUnavailable extends Error {
  override readonly name = 'StateUnavailable';
}
