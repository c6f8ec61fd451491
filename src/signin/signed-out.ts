/**
 * Sessions that people have ended. A session is sealed and kept by a browser, so a copy of it would go on working until its time
 * is over. What was signed out is therefore listed in the state that replicas share, for as long. The list has a name, which
 * each session carries: when the list is lost, as with a process that keeps it in memory, so are the sessions.
 */
import { createHash, randomBytes } from 'node:crypto';
import type { SharedState, Step } from '../shared-state.js';
import type { Session } from './session.js';

export type SignedOut = {
  /** The name of the list, for a session that ends at `until`. @throws StateUnavailable */
  name(until: number): Promise<string>;
  /** @throws StateUnavailable: then nobody is signed in */
  has(session: Session): Promise<boolean>;
  /** @throws StateUnavailable */
  add(session: Session): Promise<void>;
  /** Calls back once the session has ended, or may have. Returns what stops that. */
  watch(session: Session, onEnded: () => void): () => void;
};

export type SignedOutState = Pick<SharedState, 'get' | 'update' | 'watch'>;

const SPACE = 'signed-out';
const NAMES = 'signed-out-list';

/** `resource` is the service whose pages people sign in to. */
export function createSignedOut(state: SignedOutState, resource: string): SignedOut {
  // Not the text itself, which is in every form of the session.
  const keyOf = ({ csrf }: Session): string => createHash('sha256').update(csrf).digest('base64url');

  async function has(session: Session): Promise<boolean> {
    const [list, entry] = await Promise.all([state.get(NAMES, resource), state.get(SPACE, keyOf(session))]);
    return entry !== undefined || list === undefined || list.name !== session.list;
  }

  return {
    has,
    name: (until) =>
      state.update(NAMES, resource, (list): Step<string> => {
        const name = typeof list?.name === 'string' ? list.name : randomBytes(16).toString('base64url');
        // It has to last for as long as any session that carries its name.
        const last = typeof list?.until === 'number' ? Math.max(list.until, until) : until;
        return { result: name, put: { value: { name, until: last }, expiresAt: last + 1 } };
      }),
    add: (session) =>
      state.update(SPACE, keyOf(session), () => ({
        result: undefined,
        // A moment longer than the session, which is good in its last millisecond.
        put: { value: { resource }, expiresAt: session.until + 1, tell: true },
      })),
    watch: (session, onEnded) =>
      state.watch(SPACE, (key) => {
        if (key !== undefined && key !== keyOf(session)) return;
        has(session).then((ended) => {
          if (ended) onEnded();
        }, onEnded);
      }),
  };
}
