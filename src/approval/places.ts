/**
 * How many requests may wait for a person: of one user, so that nobody buries an approver, and of one tenant, so that its list has
 * an end. The places of a tenant are one value of the shared state, taken in one piece before a request is made, so that replicas
 * that are asked at the same time give no place twice. A place that was never given back ends with its request.
 */
import { tenantKey } from '../principal.js';
import { sha256 } from '../sha256.js';
import type { SharedState, Step } from '../shared-state.js';
import type { JsonObject } from '../value.js';
import type { Binding } from './approval.js';

export const MAX_PENDING_PER_USER = 100;
export const MAX_PENDING_PER_TENANT = 2_000;

const SPACE = 'approval-places';
/** Of the hash that stands for a user, whose name may be long. */
const USER_CHARS = 32;

type Place = [id: string, user: string, expiresAt: number];

export type Places = {
  /** False when there is none left for the one who asks. @throws StateUnavailable */
  take(binding: Binding, id: string, expiresAt: number): Promise<boolean>;
  /** @throws StateUnavailable */
  giveBack(binding: Binding, id: string): Promise<void>;
};

export function createPlaces(state: SharedState, now: () => number): Places {
  const change = <Result>(
    { server, issuer, tenant }: Binding,
    step: (places: Place[]) => { result: Result; places?: Place[] },
  ): Promise<Result> =>
    state.update(SPACE, JSON.stringify([server, tenantKey({ issuer, tenant })]), (value): Step<Result> => {
      const { result, places } = step(placesIn(value).filter(([, , until]) => until > now()));
      if (places === undefined) return { result };
      const expiresAt = Math.max(now(), ...places.map(([, , until]) => until));
      return { result, put: { value: { places }, expiresAt } };
    });

  return {
    take(binding, id, expiresAt) {
      const user = sha256(binding.user).slice(0, USER_CHARS);
      return change(binding, (places) => {
        const own = places.filter(([, one]) => one === user).length;
        if (own >= MAX_PENDING_PER_USER || places.length >= MAX_PENDING_PER_TENANT) return { result: false };
        return { result: true, places: [...places, [id, user, expiresAt]] };
      });
    },
    giveBack: (binding, id) =>
      change(binding, (places) => ({ result: undefined, places: places.filter(([one]) => one !== id) })),
  };
}

function placesIn(value: JsonObject | undefined): Place[] {
  return Array.isArray(value?.places) ? value.places.filter(isPlace) : [];
}

function isPlace(place: unknown): place is Place {
  if (!Array.isArray(place)) return false;
  const [id, user, expiresAt]: unknown[] = place;
  return typeof id === 'string' && typeof user === 'string' && typeof expiresAt === 'number';
}
