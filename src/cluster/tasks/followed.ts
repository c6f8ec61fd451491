/** The tasks that clients here want to be told of, whoever works on them; and who is looked out for on their behalf. */
import { isOver } from '../../wire/mcp/task.js';
import type { TaskRecord } from './task-records.js';

type Follower = { count: number; forget: () => void };

export class Followed {
  readonly #all = new Map<string, Follower>();

  constructor(
    readonly find: (id: string) => Promise<TaskRecord | undefined>,
    readonly whenGone: (owner: string, run: () => void) => () => void,
    readonly onLost: (id: string) => void,
  ) {}

  get ids(): Iterable<string> {
    return this.#all.keys();
  }

  has(id: string): boolean {
    return this.#all.has(id);
  }

  /** Until the returned function is called. */
  follow(ids: readonly string[], onError: (error: unknown) => void): () => void {
    const own = [...new Set(ids)];
    for (const id of own) {
      const follower = this.#all.get(id);
      if (follower === undefined) this.#begin(id).catch(onError);
      else follower.count += 1;
    }
    return () => {
      for (const id of own) this.#unfollow(id);
    };
  }

  // A task that nobody asks for would otherwise never be seen to have lost its replica.
  async #begin(id: string): Promise<void> {
    const follower: Follower = { count: 1, forget: () => {} };
    this.#all.set(id, follower);
    const record = await this.find(id);
    if (record === undefined || isOver(record.task) || this.#all.get(id) !== follower) return;
    follower.forget = this.whenGone(record.owner, () => this.onLost(id));
  }

  #unfollow(id: string): void {
    const follower = this.#all.get(id);
    if (follower === undefined) return;
    follower.count -= 1;
    if (follower.count > 0) return;
    follower.forget();
    this.#all.delete(id);
  }
}
