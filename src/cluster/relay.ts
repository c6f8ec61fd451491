/**
 * Relays a stream to another replica, to which its client has reconnected, in numbered messages, one after the other. A lost
 * message ends the stream, so that the client reconnects again and no event is skipped silently.
 */
import type { Sink } from '../wire/http/event-log.js';
import type { ReplicaChannel } from './replica-channel.js';

/** Characters that may wait while a message is on its way. */
const MAX_WAITING = 4 * 1024 * 1024;

/** At the replica that holds the stream. */
export class RelaySender implements Sink {
  open = true;
  #waiting = '';
  #sending = false;
  #sentCount = 0;

  constructor(
    readonly channel: ReplicaChannel,
    readonly to: string,
    readonly token: string,
    readonly onEnd: () => void,
  ) {
    // The first message says that the stream was found.
    void this.#sendNext();
  }

  send(frame: string): void {
    if (!this.open) return;
    this.#waiting += frame;
    if (this.#waiting.length > MAX_WAITING) this.end();
    else if (!this.#sending) void this.#sendNext();
  }

  end(last = ''): void {
    if (!this.open) return;
    this.#waiting += last;
    this.open = false;
    this.onEnd();
    if (!this.#sending) void this.#sendNext();
  }

  /** The other replica no longer listens. */
  leave(): void {
    this.open = false;
    this.#waiting = '';
    this.onEnd();
  }

  async #sendNext(): Promise<void> {
    this.#sending = true;
    do {
      const ended = !this.open;
      const frames = this.#waiting;
      this.#waiting = '';
      this.#sentCount += 1;
      try {
        await this.channel.send(this.to, 'relayed', {
          token: this.token,
          number: this.#sentCount,
          frames,
          ended,
        });
      } catch (error) {
        this.channel.replica.onError(error);
        this.leave();
        const broken = { token: this.token, number: 0, frames: '', ended: true };
        return this.channel.sendReliably(this.to, 'relayed', broken);
      }
      if (ended) return;
    } while (this.#waiting !== '' || !this.open);
    this.#sending = false;
  }
}

/** At the replica to which the client has reconnected. */
export class RelayReceiver {
  #sink: Sink | undefined;
  #waiting = '';
  #next = 1;
  #ended = false;

  /** `onEnd` receives whether the other replica knows that the stream has ended. */
  constructor(readonly onEnd: (isKnown: boolean) => void) {}

  take(number: unknown, frames: unknown, ended: unknown): void {
    if (this.#ended) return;
    if (number === this.#next) {
      this.#next += 1;
      if (this.#sink === undefined) this.#waiting += String(frames);
      else if (frames !== '') this.#sink.send(String(frames));
      if (ended === true) this.end(true);
    } else this.end();
  }

  /** Sends to the client what has arrived already, and everything from now on. */
  attach(sink: Sink): void {
    this.#sink = sink;
    if (this.#waiting !== '') sink.send(this.#waiting);
    this.#waiting = '';
    if (this.#ended) sink.end();
  }

  end(isKnown = false): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#sink?.end();
    this.onEnd(isKnown);
  }
}
