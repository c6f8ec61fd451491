/**
 * Who speaks, asked for each request. Where that takes time, requests wait for it in the order of their lines: one that came
 * later must not be run first.
 */
import type { Fault } from '../fault.js';
import { isThenable } from '../mcp/run-handler.js';
import type { Principal } from '../principal.js';

/** Who speaks, or why nobody may just now. */
export type Speaker = () => Principal | Fault | Promise<Principal | Fault>;

export class Turns {
  #last: Promise<unknown> | undefined;

  constructor(readonly speaker: Speaker) {}

  /** The last of the requests that wait; undefined where none does. */
  get last(): Promise<unknown> | undefined {
    return this.#last;
  }

  next(): ReturnType<Speaker> {
    const asked = this.speaker();
    if (this.#last === undefined && !isThenable(asked)) return asked;
    const turn = Promise.all([asked, this.#last]).then(([principal]) => {
      if (this.#last === turn) this.#last = undefined;
      return principal;
    });
    this.#last = turn;
    return turn;
  }
}
