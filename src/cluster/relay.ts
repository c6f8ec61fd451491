/**
 * A stream whose client came back to another replica: what it says goes there by letters, numbered and one after the other. A
 * letter that is lost ends the stream, so that the client comes back once more and nothing is skipped in silence.
 */
import type { Sink } from '../wire/http/event-log.js';
import type { ReplicaChannel } from './replica-channel.js';

/** Characters that may wait while a letter is on its way. */
const MAX_WAITING = 4 * 1024 * 1024;

/** At the replica that holds the stream. */
export class Outgoing implements Sink {
  open = true;
  #waiting = '';
  #sending = false;
  #sent = 0;

  constructor(
    readonly mail: ReplicaChannel,
    readonly to: string,
    readonly token: string,
    readonly onEnd: () => void,
  ) {
    // The first letter tells that the stream was found.
    void this.#deliver();
  }

  send(frame: string): void {
    if (!this.open) return;
    this.#waiting += frame;
    if (this.#waiting.length > MAX_WAITING) this.end();
    else if (!this.#sending) void this.#deliver();
  }

  end(last = ''): void {
    if (!this.open) return;
    this.#waiting += last;
    this.open = false;
    this.onEnd();
    if (!this.#sending) void this.#deliver();
  }

  /** Nobody is there any more who would be told. */
  leave(): void {
    this.open = false;
    this.#waiting = '';
    this.onEnd();
  }

  async #deliver(): Promise<void> {
    this.#sending = true;
    do {
      const ended = !this.open;
      const frames = this.#waiting;
      this.#waiting = '';
      this.#sent += 1;
      try {
        await this.mail.send(this.to, 'relayed', { token: this.token, number: this.#sent, frames, ended });
      } catch (error) {
        this.mail.replica.onError(error);
        return this.#break();
      }
      if (ended) return;
    } while (this.#waiting !== '' || !this.open);
    this.#sending = false;
  }

  #break(): Promise<void> {
    this.leave();
    const broken = { token: this.token, number: 0, frames: '', ended: true };
    return this.mail.sendSurely(this.to, 'relayed', broken);
  }
}

/** At the replica that the client came back to. */
export class Arriving {
  #sink: Sink | undefined;
  #waiting = '';
  #next = 1;
  #ended = false;

  /** Told whether the other replica knows that it is over. */
  constructor(readonly onEnd: (known: boolean) => void) {}

  take(number: unknown, frames: unknown, ended: unknown): void {
    if (this.#ended) return;
    if (number === this.#next) {
      this.#next += 1;
      if (this.#sink === undefined) this.#waiting += String(frames);
      else if (frames !== '') this.#sink.send(String(frames));
      if (ended === true) this.end(true);
    } else this.end();
  }

  /** From now on to the client, and first what has come already. */
  attach(sink: Sink): void {
    this.#sink = sink;
    if (this.#waiting !== '') sink.send(this.#waiting);
    this.#waiting = '';
    if (this.#ended) sink.end();
  }

  end(known = false): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#sink?.end();
    this.onEnd(known);
  }
}
