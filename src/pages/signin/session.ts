/**
 * Who is signed in to a service's pages. The person's own browser stores the sealed session, for the exact
 * origin of the pages, and sends it in a header. No cookie holds it: a browser sends a host's cookies to
 * every port (RFC 6265, section 8.5), so any program on this machine could collect them. It ends with the
 * token that it was made from, or when the person signs out.
 */
import { createHash, randomBytes } from 'node:crypto';
import type { SharedState, Step } from '../../cluster/shared-state.js';
import type { Sealer } from '../../wire/mcp/mcp-server.js';
import type { Principal } from '../../wire/principal.js';

/** Carries the session. No form can send it, and no page of another origin can read or send it. */
export const SESSION_HEADER = 'barewire-session';
/** The value of that header in the answer to a request without a session, or with one that has ended. */
export const NO_SESSION = 'none';

export type Session = {
  issuer: string;
  user: string;
  tenant: string;
  /** Milliseconds since 1970. */
  until: number;
  /** The list of ended sessions in which this one is looked up. */
  list: string;
  /** In every form that is shown to this session: a form that was shown to somebody else decides nothing. */
  csrf: string;
};

/** However long the token lives. */
const MAX_MS = 60 * 60_000;

/** When a session of this token ends; undefined when the token has expired already. */
export function sessionEnd({ expiresAt }: Principal, now: Date): number | undefined {
  const latest = now.getTime() + MAX_MS;
  const until = expiresAt === undefined ? latest : Math.min(latest, expiresAt * 1000);
  return until <= now.getTime() ? undefined : until;
}

export function newSession({ issuer, user, tenant }: Principal, until: number, list: string): Session {
  return { issuer, user, tenant, until, list, csrf: randomBytes(24).toString('base64url') };
}

/**
 * A value that a browser stores, and that only this server can write and read, for one purpose and a limited
 * time. Another server with the same keys cannot use it, because `resource` is part of the purpose.
 */
export function createSealedValue<Value>(
  purpose: string,
  { resource, sealer }: { resource: string; sealer: Sealer },
) {
  const about = JSON.stringify(['page', purpose, resource]);
  return {
    /** Undefined when there is none, or when it is expired, forged or sealed for another purpose. */
    async open(sealed: string | undefined): Promise<Value | undefined> {
      const text = sealed === undefined ? undefined : await sealer.open(sealed, about);
      // What opens was sealed below.
      return text === undefined ? undefined : (JSON.parse(text) as Value);
    },
    seal: (value: Value, ttlMs: number): Promise<string> => sealer.seal(JSON.stringify(value), about, ttlMs),
  };
}

export type EndedSessionsState = Pick<SharedState, 'get' | 'update' | 'watch'>;

const SPACE = 'signed-out';
const LIST_SPACE = 'signed-out-list';

/**
 * Sessions that people have ended. A copy in a browser would work until it expires, so the replicas share a
 * list of them. Every session carries the name of the list: when the list is lost, for example with a process
 * that held it in memory, its sessions end too. All functions but `watch` reject with StateUnavailable when
 * the state cannot be reached.
 */
export function createEndedSessions(state: EndedSessionsState, resource: string) {
  // A hash, because the value itself is in every form of the session.
  const keyOf = ({ csrf }: Session): string => createHash('sha256').update(csrf).digest('base64url');

  async function has(session: Session): Promise<boolean> {
    const [list, entry] = await Promise.all([
      state.get(LIST_SPACE, resource),
      state.get(SPACE, keyOf(session)),
    ]);
    return entry !== undefined || list === undefined || list.name !== session.list;
  }

  return {
    has,
    /** The name of the current list, for a session that ends at `until`. */
    listName: (until: number): Promise<string> =>
      state.update(LIST_SPACE, resource, (list): Step<string> => {
        const name = typeof list?.name === 'string' ? list.name : randomBytes(16).toString('base64url');
        // The list must outlive every session that carries its name.
        const last = typeof list?.until === 'number' ? Math.max(list.until, until) : until;
        return { result: name, put: { value: { name, until: last }, expiresAt: last + 1 } };
      }),
    add: (session: Session): Promise<void> =>
      state.update(SPACE, keyOf(session), () => ({
        result: undefined,
        // A moment longer than the session, which is still valid in its last millisecond.
        put: { value: { resource }, expiresAt: session.until + 1, tell: true },
      })),
    /** Calls back once the session has ended, or may have. Returns a function that stops this. */
    watch: (session: Session, onEnded: () => void): (() => void) =>
      state.watch(SPACE, (key) => {
        if (key !== undefined && key !== keyOf(session)) return;
        has(session).then((hasEnded) => {
          if (hasEnded) onEnded();
        }, onEnded);
      }),
  };
}
