/**
 * Limits how many requests wait for a person: per user, so that nobody buries an approver, and per tenant, so that its list stays
 * short. All places of a tenant are one value of the shared state. A place is taken by one atomic update before a request is
 * made, so two replicas never give the same place twice. A place that is never given back expires with its request.
 */
import { tenantKey } from '../principal.js';
import { sha256 } from '../sha256.js';
import type { SharedState, Step } from '../shared-state.js';
import type { JsonObject } from '../value.js';
import type { Binding } from './approval.js';

export const MAX_PENDING_PER_USER = 100;
export const MAX_PENDING_PER_TENANT = 2_000;

const SPACE = 'approval-places';
/** Length of the hash that stands for a user, because a user's name may be long. */
const USER_CHARS = 32;

type Place = [id: string, user: string, expiresAt: number];

export type Places = {
  /** False when this user or tenant has no place left. @throws StateUnavailable */
  take(binding: Binding, id: string, expiresAt: number): Promise<boolean>;
  /** @throws StateUnavailable */
  giveBack(binding: Binding, id: string): Promise<void>;
};

export function createPlaces(state: SharedState, now: () => number): Places {
  const keyOf = ({ server, issuer, tenant }: Binding): string =>
    JSON.stringify([server, tenantKey({ issuer, tenant })]);
  const living = (value: JsonObject | undefined): Place[] =>
    placesIn(value).filter(([, , until]) => until > now());
  const change = <Result>(
    binding: Binding,
    step: (places: Place[]) => { result: Result; places?: Place[] },
  ): Promise<Result> =>
    state.update(SPACE, keyOf(binding), (value): Step<Result> => {
      const { result, places } = step(living(value));
      if (places === undefined) return { result };
      const expiresAt = Math.max(now(), ...places.map(([, , until]) => until));
      return { result, put: { value: { places }, expiresAt } };
    });

  return {
    async take(binding, id, expiresAt) {
      const user = sha256(binding.user).slice(0, USER_CHARS);
      // Reading without a lock is enough to refuse, so a flood of requests mostly ends here.
      if (isFull(living(await state.get(SPACE, keyOf(binding))), user)) return false;
      return change(binding, (places) =>
        isFull(places, user)
          ? { result: false }
          : { result: true, places: [...places, [id, user, expiresAt]] },
      );
    },
    giveBack: (binding, id) =>
      change(binding, (places) => ({ result: undefined, places: places.filter(([one]) => one !== id) })),
  };
}

function isFull(places: readonly Place[], user: string): boolean {
  const own = places.filter(([, one]) => one === user).length;
  return own >= MAX_PENDING_PER_USER || places.length >= MAX_PENDING_PER_TENANT;
}

function placesIn(value: JsonObject | undefined): Place[] {
  return Array.isArray(value?.places) ? value.places.filter(isPlace) : [];
}

function isPlace(place: unknown): place is Place {
  if (!Array.isArray(place)) return false;
  const [id, user, expiresAt]: unknown[] = place;
  return typeof id === 'string' && typeof user === 'string' && typeof expiresAt === 'number';
}
