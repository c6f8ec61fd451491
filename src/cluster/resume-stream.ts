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

type ResumeAnswer = boolean | Decision;
type PendingResume = { receiver: RelayReceiver; resolve: (answer: ResumeAnswer) => void };

export class Resuming {
  readonly #pending = new Map<string, PendingResume>();
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
      const place = sessions.here(session, principal)?.log.find(eventId);
      const refusal = place && unreadable(place.stream.boundAfter(place.after), scopes, server);
      if (place === undefined || refusal !== undefined)
        channel.send(from, 'resume-refused', { token, ...refusal }).catch(channel.replica.onError);
      else
        place.stream.attach(
          this.#out(from, token),
          place.after,
          (bound) => unreadable(bound, scopes, server) === undefined,
        );
    });
    channel.on('resume-refused', ({ token, reason, scopes }) => {
      const refusal = typeof reason === 'string' && { allow: false, reason, scopes: textsOf(scopes) };
      this.#pending.get(String(token))?.resolve(refusal);
    });
    channel.on('relayed', ({ token, number, frames, ended }, from) => {
      const pending = this.#pending.get(String(token));
      pending?.receiver.take(number, frames, ended);
      pending?.resolve(true);
      if (pending === undefined && ended !== true) void channel.sendReliably(from, 'resume-left', { token });
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
    heldScopes: readonly string[],
  ): Promise<RelayReceiver | Decision | 'gone' | 'silent'> {
    const replica = /^([0-9a-f]{12})-\d{1,9}\.\d{1,9}$/.exec(eventId)?.[1];
    if (replica === undefined || replica === this.channel.replica.id) return 'gone';
    if (!(await failClosed(this.leases.isAlive(replica)))) return 'gone';
    const token = randomUUID();
    const forgetGone = this.leases.whenGone(replica, () => receiver.end());
    const receiver = new RelayReceiver((isKnown) => {
      this.#pending.delete(token);
      forgetGone();
      if (!isKnown) void this.channel.sendReliably(replica, 'resume-left', { token });
    });
    const answer = new Promise<ResumeAnswer | undefined>((resolve) => {
      const forget = after(ANSWER_MS, () => resolve(undefined));
      const settle = (value: ResumeAnswer): void => {
        forget();
        resolve(value);
      };
      this.#pending.set(token, { receiver, resolve: settle });
    });
    try {
      await failClosed(
        this.channel.send(replica, RESUME, { session, principal, eventId, token, held: heldScopes }),
      );
    } catch (error) {
      receiver.end();
      throw error;
    }
    const resumeAnswer = await answer;
    if (resumeAnswer === true) return receiver;
    receiver.end(resumeAnswer !== undefined);
    if (typeof resumeAnswer === 'object') return resumeAnswer;
    return resumeAnswer === false ? 'gone' : 'silent';
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
