/** The tasks whose changes clients of this replica follow, and a watch on the replicas that run them. */

import { isOver } from './task.js';
import type { TaskRecord } from './task-records.js';

type Follower = { count: number; unwatch: () => void };

export class TaskFollowers {
  readonly #followers = new Map<string, Follower>();

  constructor(
    readonly find: (id: string) => Promise<TaskRecord | undefined>,
    readonly whenGone: (owner: string, run: () => void) => () => void,
    readonly onLost: (id: string) => void,
  ) {}

  get ids(): Iterable<string> {
    return this.#followers.keys();
  }

  has(id: string): boolean {
    return this.#followers.has(id);
  }

  /** Returns a function that stops following. */
  follow(ids: readonly string[], onError: (error: unknown) => void): () => void {
    const uniqueIds = [...new Set(ids)];
    for (const id of uniqueIds) {
      const follower = this.#followers.get(id);
      if (follower === undefined) this.#start(id).catch(onError);
      else follower.count += 1;
    }
    return () => {
      for (const id of uniqueIds) this.#unfollow(id);
    };
  }

  // Without this, a task that no client polls would never notice that its replica is gone.
  async #start(id: string): Promise<void> {
    const follower: Follower = { count: 1, unwatch: () => {} };
    this.#followers.set(id, follower);
    const record = await this.find(id);
    if (record === undefined || isOver(record.task) || this.#followers.get(id) !== follower) return;
    follower.unwatch = this.whenGone(record.owner, () => this.onLost(id));
  }

  #unfollow(id: string): void {
    const follower = this.#followers.get(id);
    if (follower === undefined) return;
    follower.count -= 1;
    if (follower.count > 0) return;
    follower.unwatch();
    this.#followers.delete(id);
  }
}
