/**
 * Whether the other replicas have seen a change: whoever made it answers its client only then, so that the client's next request
 * finds it made, whichever replica that reaches. One that stays silent is not waited for long.
 */
import { randomUUID } from 'node:crypto';
import { afterUnlessDone } from '../wire/clock.js';
import type { ReplicaChannel } from './replica-channel.js';

/** Milliseconds. One that is slower is dead, or as good as. */
const WAIT_MS = 500;

export type Change = {
  id: string;
  /** Resolves with those who have not seen it in time. */
  seenBy(replicas: readonly string[]): Promise<string[]>;
  forget(): void;
};

export class Seen {
  readonly #open = new Map<string, (from: string) => void>();

  constructor(readonly mail: ReplicaChannel) {
    mail.on('seen', ({ change }, from) => this.#open.get(String(change))?.(from));
  }

  /** Before the change is made, since another may be quicker than the answer of the database. */
  begin(): Change {
    const id = randomUUID();
    const seen = new Set<string>([this.mail.replica.id]);
    let look = (): void => {};
    this.#open.set(id, (from) => {
      seen.add(from);
      look();
    });
    return {
      id,
      forget: () => void this.#open.delete(id),
      seenBy: (replicas) =>
        new Promise((resolve) => {
          const late = (): string[] => replicas.filter((replica) => !seen.has(replica));
          const forget = afterUnlessDone(WAIT_MS, () => resolve(late()));
          look = () => {
            if (late().length > 0) return;
            forget();
            resolve([]);
          };
          look();
        }),
    };
  }

  /** Tells who made a change that it is seen here. */
  tell(by: string, change: string): void {
    const { replica } = this.mail;
    if (by !== replica.id) this.mail.send(by, 'seen', { change }).catch(replica.onError);
  }
}
