/**
 * Receipts for changes of shared values. The replica that made a change answers its client only after the others have seen
 * it, so that the client's next request finds it at any replica. A silent replica delays the answer only briefly.
 */
import { randomUUID } from 'node:crypto';
import { afterUnlessDone } from '../wire/clock.js';
import type { ReplicaChannel } from './replica-channel.js';

/** Milliseconds; a slower replica counts as dead. */
const WAIT_MS = 500;

export type PendingChange = {
  id: string;
  /** Resolves with those of the replicas that have not seen it in time. */
  unseenBy(replicas: readonly string[]): Promise<string[]>;
  forget(): void;
};

export class ChangeReceipts {
  readonly #open = new Map<string, (from: string) => void>();

  constructor(readonly channel: ReplicaChannel) {
    channel.on('seen', ({ change }, from) => this.#open.get(String(change))?.(from));
  }

  /** Call this before making the change: a receipt may arrive before the database answers. */
  open(): PendingChange {
    const id = randomUUID();
    const receivers = new Set<string>([this.channel.replica.id]);
    let check = (): void => {};
    this.#open.set(id, (from) => {
      receivers.add(from);
      check();
    });
    return {
      id,
      forget: () => void this.#open.delete(id),
      unseenBy: (replicas) =>
        new Promise((resolve) => {
          const missing = (): string[] => replicas.filter((replica) => !receivers.has(replica));
          const cancel = afterUnlessDone(WAIT_MS, () => resolve(missing()));
          check = () => {
            if (missing().length > 0) return;
            cancel();
            resolve([]);
          };
          check();
        }),
    };
  }

  /** Tells the replica that made a change that this one has seen it. */
  confirm(by: string, change: string): void {
    const { replica } = this.channel;
    if (by !== replica.id) this.channel.send(by, 'seen', { change }).catch(replica.onError);
  }
}
