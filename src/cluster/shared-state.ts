/**
 * State that all replicas of a server share: quotas, approvals, and what else must be the same whichever replica is
 * asked. A few JSON values by space and key, each changed in one piece; where they live is for store/ to say.
 */
import type { JsonObject } from '../wire/value.js';

/** What a step makes of a value: nothing new without `put`. */
export type Step<Result> = {
  result: Result;
  put?: {
    value: JsonObject;
    /** Milliseconds since 1970 after which the value is as good as gone. */
    expiresAt: number;
    /** Whether those who watch the space are told; only where somebody does, for it costs a message to each replica. */
    tell?: boolean;
    /** The group under which `page` lists the value; each put sets it again. */
    group?: string;
  };
};

/** A part of a group, and where the next part begins if there may be more. */
export type GroupPage = { values: JsonObject[]; next?: string };

export type SharedState = {
  /** Undefined when there is none, or its time has passed. @throws StateUnavailable */
  get(space: string, key: string): Promise<JsonObject | undefined>;
  /**
   * Changes one value in one piece: of two that do so at the same time, also on two replicas, the second sees what the
   * first has made. `step` is pure and may be called again. @throws StateUnavailable
   */
  update<Result>(
    space: string,
    key: string,
    step: (value: JsonObject | undefined) => Step<Result>,
  ): Promise<Result>;
  /** The living values of a space, the one that was put last at the front, at most so many. @throws StateUnavailable */
  list(space: string, most: number): Promise<JsonObject[]>;
  /**
   * The unexpired values of one group of a space, last written first: at most `most` of them after `after`, the `next` of the
   * previous page. Values of an earlier version have no group and are listed in every group.
   * @throws StateUnavailable
   */
  page(space: string, group: string, most: number, after?: string): Promise<GroupPage>;
  /**
   * Calls `listener` with the key of every value that was put with `tell`, on whichever replica; with undefined after
   * messages may have been missed, so that it looks for itself. Returns what ends it.
   */
  watch(space: string, listener: (key: string | undefined) => void): () => void;
  /** Rejects while it cannot be reached. */
  ready(): Promise<void>;
  close(): Promise<void>;
};

/** The state cannot be reached: who needs it must refuse, for nothing is known. */
export class StateUnavailable extends Error {
  override readonly name = 'StateUnavailable';
}
