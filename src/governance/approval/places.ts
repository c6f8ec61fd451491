/**
 * Limits how many requests wait for a person, and how large they are together: per user, so that nobody buries an approver, and
 * per tenant, because each look of an approver reads the whole list, with the arguments. All places of a tenant are one value of
 * the shared state. A place is taken by one atomic update before a request is made, so two replicas never give the same place
 * twice. A place that is never given back expires with its request.
 */
import { hash } from 'node:crypto';
import type { SharedState, Step } from '../../cluster/shared-state.js';
import { tenantKey } from '../../wire/principal.js';
import type { JsonObject } from '../../wire/value.js';
import type { Binding } from './approval.js';

const MAX_PENDING_PER_USER = 100;
const MAX_PENDING_PER_TENANT = 2_000;
/** Characters of the arguments of all waiting requests, as JSON. One request may be as large as any body that a server accepts. */
const MAX_CHARACTERS_PER_USER = 2 * 1024 * 1024;
const MAX_CHARACTERS_PER_TENANT = 16 * 1024 * 1024;

const SPACE = 'approval-places';
/**
 * How long a process remembers that there was no place, milliseconds: the places of a full tenant take some 200 KB, and a refused
 * caller spends no quota, so a flood of refused calls must not read them each time.
 */
const FULL_MS = 500;
/** Users for whom that is remembered. */
const MAX_FULL = 10_000;
/** Of the hash of a user's name, which may be long. */
const USER_CHARS = 32;

/** Tenants whose places are counted: those that used them last. */
const MAX_COUNTED_TENANTS = 1_000;

/** An earlier version stored no size. */
type Place = [id: string, user: string, expiresAt: number, characters?: number];

export type Places = ReturnType<typeof createPlaces>;

export function createPlaces(state: SharedState, now: () => number) {
  /** By tenant and user: the size of the last refused request, and until when requests of that size are refused without a look. */
  const full = new Map<string, { key: string; characters: number; until: number }>();
  const keyOf = ({ server, issuer, tenant }: Binding): string =>
    JSON.stringify([server, tenantKey({ issuer, tenant })]);
  const present = (value: JsonObject | undefined): Place[] =>
    Array.isArray(value?.places) ? value.places.filter(isPlace).filter(([, , until]) => until > now()) : [];
  const put = (places: Place[]) => ({
    value: { places },
    expiresAt: Math.max(now(), ...places.map(([, , until]) => until)),
  });

  return {
    /** False when there is no place left for this user, or none for so large a request. @throws StateUnavailable */
    async take(binding: Binding, id: string, expiresAt: number, characters: number): Promise<boolean> {
      const user = hash('sha256', binding.user).slice(0, USER_CHARS);
      const key = keyOf(binding);
      const fullKey = `${key} ${user}`;
      const rejection = full.get(fullKey);
      if (
        rejection !== undefined &&
        rejection.until > performance.now() &&
        characters >= rejection.characters
      )
        return false;
      full.delete(fullKey);
      // Reading without a lock is enough to refuse: most of a flood of requests ends here.
      if (isFull(present(await state.get(SPACE, key)), user, characters)) {
        if (full.size >= MAX_FULL) full.clear();
        full.set(fullKey, { key, characters, until: performance.now() + FULL_MS });
        return false;
      }
      return state.update(SPACE, key, (value): Step<boolean> => {
        const places = present(value);
        if (isFull(places, user, characters)) return { result: false };
        return { result: true, put: put([...places, [id, user, expiresAt, characters]]) };
      });
    },

    /** Places taken, of all tenants together. @throws StateUnavailable */
    async count(): Promise<number> {
      const values = await state.list(SPACE, MAX_COUNTED_TENANTS);
      return values.reduce((sum, value) => sum + present(value).length, 0);
    },

    /** @throws StateUnavailable */
    giveBack(binding: Binding, id: string): Promise<void> {
      const key = keyOf(binding);
      for (const [fullKey, rejection] of full) if (rejection.key === key) full.delete(fullKey);
      return state.update(SPACE, key, (value): Step<void> => {
        const places = present(value).filter(([placeId]) => placeId !== id);
        return { result: undefined, put: put(places) };
      });
    },
  };
}

function isFull(places: readonly Place[], user: string, more: number): boolean {
  const own = places.filter(([, placeUser]) => placeUser === user);
  return (
    own.length >= MAX_PENDING_PER_USER ||
    places.length >= MAX_PENDING_PER_TENANT ||
    exceeds(own, more, MAX_CHARACTERS_PER_USER) ||
    exceeds(places, more, MAX_CHARACTERS_PER_TENANT)
  );
}

/** A first request never exceeds the limit, whatever body size a server accepts. */
function exceeds(places: readonly Place[], more: number, max: number): boolean {
  const total = places.reduce((sum, [, , , characters = 0]) => sum + characters, 0);
  return total > 0 && total + more > max;
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
