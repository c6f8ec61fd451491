/**
 * Limits how many requests wait for a person, and how large they are together: per user, so that nobody buries an approver, and
 * per tenant, so that its list stays short, because each look of an approver reads all of it, with the arguments. All places of a
 * tenant are one value of the shared state. A place is taken by one atomic update before a request is made, so two replicas never
 * give the same place twice. A place that is never given back expires with its request.
 */

import { hash } from 'node:crypto';
import type { SharedState, Step } from '../../cluster/shared-state.js';
import { tenantKey } from '../../wire/principal.js';
import type { JsonObject } from '../../wire/value.js';
import type { Binding } from './approval.js';

export const MAX_PENDING_PER_USER = 100;
export const MAX_PENDING_PER_TENANT = 2_000;
/** Characters of the arguments of all that waits, as JSON. One request has room for the largest body that a server takes. */
export const MAX_CHARACTERS_PER_USER = 2 * 1024 * 1024;
export const MAX_CHARACTERS_PER_TENANT = 16 * 1024 * 1024;

const SPACE = 'approval-places';
/**
 * How long a process remembers that there was no place: the places of a full tenant are some 200 KB, and who is refused spends no
 * quota, so a flood of refused calls must not read them each time. Milliseconds.
 */
const FULL_MS = 500;
/** Users of which that is remembered. */
const MAX_FULL = 10_000;
/** Of the hash that stands for a user, whose name may be long. */
const USER_CHARS = 32;

/** An earlier version noted no size. */
type Place = [id: string, user: string, expiresAt: number, characters?: number];

export type Places = {
  /** False when there is none left for the one who asks, or none so large. @throws StateUnavailable */
  take(binding: Binding, id: string, expiresAt: number, characters: number): Promise<boolean>;
  /** @throws StateUnavailable */
  giveBack(binding: Binding, id: string): Promise<void>;
};

/** `time` is any clock that only goes on. */
export function createPlaces(
  state: SharedState,
  now: () => number,
  time: () => number = () => performance.now(),
): Places {
  /** By tenant and user: what was refused last, and until when the same is refused again. */
  const full = new Map<string, { key: string; characters: number; until: number }>();
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
    async take(binding, id, expiresAt, characters) {
      const user = hash('sha256', binding.user).slice(0, USER_CHARS);
      const key = keyOf(binding);
      const who = `${key} ${user}`;
      const before = full.get(who);
      if (before !== undefined && before.until > time() && characters >= before.characters) return false;
      full.delete(who);
      // A look without a lock is enough to refuse: of a flood of requests most end here.
      if (isFull(living(await state.get(SPACE, key)), user, characters)) {
        if (full.size >= MAX_FULL) full.clear();
        full.set(who, { key, characters, until: time() + FULL_MS });
        return false;
      }
      return change(binding, (places) =>
        isFull(places, user, characters)
          ? { result: false }
          : { result: true, places: [...places, [id, user, expiresAt, characters]] },
      );
    },
    giveBack(binding, id) {
      const tenant = keyOf(binding);
      for (const [who, { key }] of full) if (key === tenant) full.delete(who);
      return change(binding, (places) => ({
        result: undefined,
        places: places.filter(([one]) => one !== id),
      }));
    },
  };
}

function isFull(places: readonly Place[], user: string, more: number): boolean {
  const own = places.filter(([, one]) => one === user);
  return (
    own.length >= MAX_PENDING_PER_USER ||
    places.length >= MAX_PENDING_PER_TENANT ||
    exceeds(own, more, MAX_CHARACTERS_PER_USER) ||
    exceeds(places, more, MAX_CHARACTERS_PER_TENANT)
  );
}

/** Whether one more is too much. A first one never is, whatever bodies a server takes. */
function exceeds(places: readonly Place[], more: number, most: number): boolean {
  const taken = places.reduce((sum, [, , , characters = 0]) => sum + characters, 0);
  return taken > 0 && taken + more > most;
}

function placesIn(value: JsonObject | undefined): Place[] {
  return Array.isArray(value?.places) ? value.places.filter(isPlace) : [];
}

function isPlace(place: unknown): place is Place {
  if (!Array.isArray(place)) return false;
  const [id, user, expiresAt, characters]: unknown[] = place;
  return (
    typeof id === 'string' &&
    typeof user === 'string' &&
    typeof expiresAt === 'number' &&
    (characters === undefined || typeof characters === 'number')
  );
}
