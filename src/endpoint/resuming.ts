/**
 * Clients that come back for a stream of another replica, which its event ids name: that one is asked to let the stream go on
 * there, from the event that the client names.
 *
 * @see https://modelcontextprotocol.io/specification/2025-11-25/basic/transports#resumability-and-redelivery
 */
import { randomUUID } from 'node:crypto';
import { after } from '../clock.js';
import type { Leases } from '../replicas/leases.js';
import type { Mail } from '../replicas/mail.js';
import { Arriving, Outgoing } from '../replicas/relay.js';
import { reached } from '../replicas/replica.js';
import type { Session } from './session.js';
import type { Sessions } from './sessions.js';

/** How long the other replica may take to say that it has the stream, milliseconds. */
const ANSWER_MS = 3_000;

type Asked = { arriving: Arriving; answered: (found: boolean) => void };

export class Resuming {
  readonly #asked = new Map<string, Asked>();
  readonly #outgoing = new Map<string, Outgoing>();

  constructor(
    readonly mail: Mail,
    readonly leases: Leases,
    sessions: Sessions,
  ) {
    mail.on('resume', ({ session, principal, eventId, token }, from) => {
      if (typeof eventId !== 'string' || typeof token !== 'string') return;
      const found = sessions.here(session, principal)?.log.find(eventId);
      if (found === undefined) mail.send(from, 'resume-refused', { token }).catch(mail.replica.onError);
      else found.stream.attach(this.#out(from, token), found.after);
    });
    mail.on('resume-refused', ({ token }) => this.#asked.get(String(token))?.answered(false));
    mail.on('relayed', ({ token, number, frames, ended }, from) => {
      const asked = this.#asked.get(String(token));
      asked?.arriving.take(number, frames, ended);
      asked?.answered(true);
      if (asked === undefined && ended !== true) void mail.sendSurely(from, 'resume-left', { token });
    });
    mail.on('resume-left', ({ token }) => this.#outgoing.get(String(token))?.leave());
  }

  /**
   * What follows that event, as it arrives; or nobody has it any more, or who had it does not answer.
   *
   * @throws Fault 503 when that cannot be found out
   */
  async find({ id: session, principal }: Session, eventId: string): Promise<Arriving | 'gone' | 'silent'> {
    const replica = /^([0-9a-f]{12})-\d{1,9}\.\d{1,9}$/.exec(eventId)?.[1];
    if (replica === undefined || replica === this.mail.replica.id) return 'gone';
    if (!(await reached(this.leases.alive(replica)))) return 'gone';
    const token = randomUUID();
    const forgetGone = this.leases.whenGone(replica, () => arriving.end());
    const arriving = new Arriving((known) => {
      this.#asked.delete(token);
      forgetGone();
      if (!known) void this.mail.sendSurely(replica, 'resume-left', { token });
    });
    const answer = new Promise<boolean | undefined>((resolve) => {
      const forget = after(ANSWER_MS, () => resolve(undefined));
      const answered = (found: boolean): void => {
        forget();
        resolve(found);
      };
      this.#asked.set(token, { arriving, answered });
    });
    try {
      await reached(this.mail.send(replica, 'resume', { session, principal, eventId, token }));
    } catch (error) {
      arriving.end();
      throw error;
    }
    const found = await answer;
    if (found === true) return arriving;
    arriving.end(found === false);
    return found === false ? 'gone' : 'silent';
  }

  #out(to: string, token: string): Outgoing {
    const forgetGone = this.leases.whenGone(to, () => outgoing.leave());
    const outgoing = new Outgoing(this.mail, to, token, () => {
      this.#outgoing.delete(token);
      forgetGone();
    });
    this.#outgoing.set(token, outgoing);
    return outgoing;
  }
}
