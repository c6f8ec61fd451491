/**
 * Limits how many calls wait for a person at the same time, per caller and in total, in each process. A waiting call takes memory
 * and a task or connection until the person decides, so identical calls count separately although they share a request.
 */
import { Fault } from '../fault.js';
import { type Principal, principalKey } from '../principal.js';
import { type Share, shareOf, shareTaken } from './share.js';

const MAX_WAITING = 10_000;
const RETRY_AFTER_S = 10;
export const WAITING_PER_PRINCIPAL = 100;

export class WaitingRoom {
  readonly #share: Share;
  readonly #own = new Map<string, number>();
  #all = 0;

  constructor(perPrincipal = WAITING_PER_PRINCIPAL) {
    this.#share = shareOf('waiting calls', 'waiting-calls-per-principal', MAX_WAITING, perPrincipal);
  }

  /** Counts one more waiting call of this principal until the returned function is called. @throws Fault when there is no room */
  enter(principal: Principal): () => void {
    const key = principalKey(principal);
    const own = this.#own.get(key) ?? 0;
    if (own >= this.#share.most) throw shareTaken(this.#share);
    if (this.#all >= MAX_WAITING)
      throw new Fault('busy', `${MAX_WAITING} calls are waiting for a person; try again later`, {
        headers: { 'retry-after': String(RETRY_AFTER_S) },
      });
    this.#own.set(key, own + 1);
    this.#all += 1;
    let left = false;
    return () => {
      if (left) return;
      left = true;
      this.#all -= 1;
      const others = (this.#own.get(key) ?? 1) - 1;
      if (others === 0) this.#own.delete(key);
      else this.#own.set(key, others);
    };
  }
}
