/**
 * Sessions that people have ended. A session is sealed and stored by the browser, so a copy would keep working until it expires.
 * The shared state of the replicas therefore lists each ended session until then. The list has a name that every session carries:
 * when the list is lost, for example with a process that keeps it in memory, its sessions end too.
 */
import { createHash, randomBytes } from 'node:crypto';
import type { SharedState, Step } from '../../cluster/shared-state.js';
import type { Session } from './session.js';

export type SignedOut = {
  /** The name of the current list, for a session that ends at `until`. @throws StateUnavailable */
  name(until: number): Promise<string>;
  /** @throws StateUnavailableand then nobody is signed in */
  has(session: Session): Promise<boolean>;
  /** @throws StateUnavailable */
  add(session: Session): Promise<void>;
  /** Calls back once the session has ended, or may have. Returns a function that stops this. */
  watch(session: Session, onEnded: () => void): () => void;
};

export type SignedOutState = Pick<SharedState, 'get' | 'update' | 'watch'>;

const SPACE = 'signed-out';
const NAMES = 'signed-out-list';

/** `resource` is the service to whose pages people sign in. */
export function createSignedOut(state: SignedOutState, resource: string): SignedOut {
  // A hash, because the text itself is in every form of the session.
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
        // The list must outlive every session that carries its name.
        const last = typeof list?.until === 'number' ? Math.max(list.until, until) : until;
        return { result: name, put: { value: { name, until: last }, expiresAt: last + 1 } };
      }),
    add: (session) =>
      state.update(SPACE, keyOf(session), () => ({
        result: undefined,
        // A moment longer than the session, which is still valid in its last millisecond.
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
