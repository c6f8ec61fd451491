/** Finds the conversation of an HTTP request: by its session, by its era, or the one that was opened last. */
import { BoundedMap } from './bounded.js';
import { Talk } from './talk.js';

const MAX_SESSIONS = 200;

export class Sessions {
  readonly #bySession = new BoundedMap<string, Talk>(MAX_SESSIONS);
  readonly #endedSessions = new BoundedMap<string, true>(MAX_SESSIONS);
  readonly #modern: Talk;
  #latest: Talk | undefined;
  #unknownTalk: Talk;

  constructor(readonly oneClient: boolean) {
    this.#modern = this.#create(false);
    this.#unknownTalk = this.#create(false);
  }

  #create(whole: boolean): Talk {
    return new Talk('http', whole, this.oneClient);
  }

  /** A conversation that begins with `initialize`. */
  open(): Talk {
    this.#latest = this.#create(true);
    return this.#latest;
  }

  get modern(): Talk {
    return this.#modern;
  }

  /** The conversation of a legacy request. */
  find(session: string | undefined): Talk {
    if (session !== undefined) {
      const knownTalk = this.#bySession.get(session);
      if (knownTalk !== undefined) return knownTalk;
      const talk = this.#create(false);
      this.#bySession.set(session, talk);
      return talk;
    }
    const latest = this.#latest;
    // Without a session id it may be another client's, unless there is only one client.
    return latest !== undefined && (this.oneClient || latest.session === undefined)
      ? latest
      : this.#unknownTalk;
  }

  issue(session: string, talk: Talk): void {
    talk.session = session;
    this.#bySession.set(session, talk);
  }

  end(session: string): void {
    this.#endedSessions.set(session, true);
  }

  hasEnded(session: string | undefined): boolean {
    return session !== undefined && this.#endedSessions.has(session);
  }

  /** The handshake was refused: nothing was opened. */
  forget(talk: Talk): void {
    talk.handshake = 'none';
    talk.negotiatedRevision = undefined;
    if (this.#latest === talk) this.#latest = undefined;
  }
}
