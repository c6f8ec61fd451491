/**
 * Resumes a stream that another replica holds. The event id that the client sends names that replica, which then relays the
 * stream from that event on.
 *
 * @see https://modelcontextprotocol.io/specification/2025-11-25/basic/transports#resumability-and-redelivery
 */
import { randomUUID } from 'node:crypto';
import { after } from '../wire/clock.js';
import { unreadable } from '../wire/mcp/authority.js';
import type { Decision } from '../wire/mcp/decision.js';
import type { McpServer } from '../wire/mcp/mcp-server.js';
import type { Session } from '../wire/server/ports.js';
import type { Leases } from './leases.js';
import { RelayReceiver, RelaySender } from './relay.js';
import { failClosed } from './replica.js';
import type { ReplicaChannel } from './replica-channel.js';
import type { Sessions } from './sessions/sessions.js';

/** How long the other replica may take to answer, milliseconds. */
const ANSWER_MS = 3_000;

/** Carries the reader's scopes. A replica of an earlier version would ignore them, so it must not know this topic. */
const RESUME = 'resume-with-scopes';

type Found = boolean | Decision;
type PendingResume = { arriving: RelayReceiver; answered: (found: Found) => void };

export class Resuming {
  readonly #asked = new Map<string, PendingResume>();
  readonly #outgoing = new Map<string, RelaySender>();

  constructor(
    readonly channel: ReplicaChannel,
    readonly leases: Leases,
    sessions: Sessions,
    server: McpServer,
  ) {
    channel.on(RESUME, ({ session, principal, eventId, token, held }, from) => {
      if (typeof eventId !== 'string' || typeof token !== 'string') return;
      const scopes = textsOf(held);
      const found = sessions.here(session, principal)?.log.find(eventId);
      const refused = found && unreadable(found.stream.boundAfter(found.after), scopes, server);
      if (found === undefined || refused !== undefined)
        channel.send(from, 'resume-refused', { token, ...refused }).catch(channel.replica.onError);
      else
        found.stream.attach(
          this.#out(from, token),
          found.after,
          (bound) => unreadable(bound, scopes, server) === undefined,
        );
    });
    channel.on('resume-refused', ({ token, reason, scopes }) => {
      const refused = typeof reason === 'string' && { allow: false, reason, scopes: textsOf(scopes) };
      this.#asked.get(String(token))?.answered(refused);
    });
    channel.on('relayed', ({ token, number, frames, ended }, from) => {
      const asked = this.#asked.get(String(token));
      asked?.arriving.take(number, frames, ended);
      asked?.answered(true);
      if (asked === undefined && ended !== true) void channel.sendReliably(from, 'resume-left', { token });
    });
    channel.on('resume-left', ({ token }) => this.#outgoing.get(String(token))?.leave());
  }

  /**
   * The rest of the stream after that event, for a reader with these scopes. Otherwise the refusal, `gone` when no replica has the
   * stream any more, or `silent` when its replica does not answer.
   *
   * @throws Fault 503 when the shared state is unavailable
   */
  async find(
    { id: session, principal }: Session,
    eventId: string,
    held: readonly string[],
  ): Promise<RelayReceiver | Decision | 'gone' | 'silent'> {
    const replica = /^([0-9a-f]{12})-\d{1,9}\.\d{1,9}$/.exec(eventId)?.[1];
    if (replica === undefined || replica === this.channel.replica.id) return 'gone';
    if (!(await failClosed(this.leases.isAlive(replica)))) return 'gone';
    const token = randomUUID();
    const forgetGone = this.leases.whenGone(replica, () => arriving.end());
    const arriving = new RelayReceiver((known) => {
      this.#asked.delete(token);
      forgetGone();
      if (!known) void this.channel.sendReliably(replica, 'resume-left', { token });
    });
    const answer = new Promise<Found | undefined>((resolve) => {
      const forget = after(ANSWER_MS, () => resolve(undefined));
      const answered = (found: Found): void => {
        forget();
        resolve(found);
      };
      this.#asked.set(token, { arriving, answered });
    });
    try {
      await failClosed(this.channel.send(replica, RESUME, { session, principal, eventId, token, held }));
    } catch (error) {
      arriving.end();
      throw error;
    }
    const found = await answer;
    if (found === true) return arriving;
    arriving.end(found !== undefined);
    if (typeof found === 'object') return found;
    return found === false ? 'gone' : 'silent';
  }

  #out(to: string, token: string): RelaySender {
    const forgetGone = this.leases.whenGone(to, () => outgoing.leave());
    const outgoing = new RelaySender(this.channel, to, token, () => {
      this.#outgoing.delete(token);
      forgetGone();
    });
    this.#outgoing.set(token, outgoing);
    return outgoing;
  }
}

function textsOf(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((one) => typeof one === 'string') : [];
}
