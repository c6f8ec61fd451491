/**
 * How many calls wait for a person at the same time: of one caller, of one tenant, and of all, counted in each process. A call that
 * waits takes memory and a task or a connection for as long as a person takes, so identical calls count one by one, however few
 * requests they make. A caller is a user here, whichever clients they call by: who may register clients may have thousands.
 */
import { Fault } from '../../../wire/fault.js';
import { type Share, shareOf, shareTaken } from '../../../wire/mcp/budget.js';
import { type Principal, tenantKey } from '../../../wire/principal.js';

const MAX_WAITING = 10_000;
/** So that no tenant takes all. */
const MAX_PER_TENANT = MAX_WAITING / 2;
const RETRY_AFTER_S = 10;
export const WAITING_PER_PRINCIPAL = 100;

export class WaitingRoom {
  readonly #share: Share;
  readonly #users = new Map<string, number>();
  readonly #tenants = new Map<string, number>();
  #all = 0;

  constructor(perPrincipal = WAITING_PER_PRINCIPAL) {
    this.#share = shareOf('waiting calls', 'waiting-calls-per-principal', MAX_WAITING, perPrincipal);
  }

  /** Counts one more waiting call of this principal until the returned function is called. @throws Fault when there is no room */
  enter(principal: Principal): () => void {
    const tenant = tenantKey(principal);
    const user = JSON.stringify([tenant, principal.user]);
    if ((this.#users.get(user) ?? 0) >= this.#share.most) throw shareTaken(this.#share);
    if ((this.#tenants.get(tenant) ?? 0) >= MAX_PER_TENANT)
      throw new Fault('quotaSpent', `${MAX_PER_TENANT} calls of your tenant wait for a person`, RETRY);
    if (this.#all >= MAX_WAITING)
      throw new Fault('busy', `${MAX_WAITING} calls wait for a person; try again later`, RETRY);
    add(this.#users, user, 1);
    add(this.#tenants, tenant, 1);
    this.#all += 1;
    let left = false;
    return () => {
      if (left) return;
      left = true;
      this.#all -= 1;
      add(this.#users, user, -1);
      add(this.#tenants, tenant, -1);
    };
  }
}

const RETRY = { headers: { 'retry-after': String(RETRY_AFTER_S) } };

function add(counts: Map<string, number>, key: string, more: number): void {
  const count = (counts.get(key) ?? 0) + more;
  if (count === 0) counts.delete(key);
  else counts.set(key, count);
}
