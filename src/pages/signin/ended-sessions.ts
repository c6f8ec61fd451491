/**
 * Sessions that people have ended. The browser stores the session, so a copy would work until it expires. The shared state
 * of the replicas therefore lists each ended session until then. The list has a name that every session carries: when the
 * list is lost, for example with a process that held it in memory, its sessions end too.
 */
import { createHash, randomBytes } from 'node:crypto';
import type { SharedState, Step } from '../../cluster/shared-state.js';
import type { Session } from './session.js';

/** All methods but `watch` reject with StateUnavailable when the state cannot be reached. */
export type EndedSessions = {
  /** The name of the current list, for a session that ends at `until`. */
  listName(until: number): Promise<string>;
  has(session: Session): Promise<boolean>;
  add(session: Session): Promise<void>;
  /** Calls back once the session has ended, or may have. Returns a function that stops this. */
  watch(session: Session, onEnded: () => void): () => void;
};

export type EndedSessionsState = Pick<SharedState, 'get' | 'update' | 'watch'>;

const SPACE = 'signed-out';
const LIST_SPACE = 'signed-out-list';

/** `resource` is the service to whose pages people sign in. */
export function createEndedSessions(state: EndedSessionsState, resource: string): EndedSessions {
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
    listName: (until) =>
      state.update(LIST_SPACE, resource, (list): Step<string> => {
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
