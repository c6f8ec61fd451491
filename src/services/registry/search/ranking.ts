/** How much a match is worth: by the place where a token stands, and by how well it is what was looked for. */

/** Best first; kept beside a token's number in so many bits. */
export const PLACES = ['whole name', 'word of a name', 'title', 'scope', 'owner', 'description'] as const;
export type Place = (typeof PLACES)[number];
export const PLACE_BITS = 3;

/** Zero is no match at all. */
export const TYPO = 1;
export const PREFIX = 2;
export const EXACT = 3;

// A later row is worth less even when it is met exactly, so the order of the places is the order of what is found. A
// word that had to be taken for another is worth less than any that stands there.
const SCORES: { readonly [place in Place]: readonly [none: 0, typo: number, prefix: number, exact: number] } =
  {
    'whole name': [0, 0.6, 24, 64],
    'word of a name': [0, 0.5, 20, 32],
    title: [0, 0.4, 12, 16],
    scope: [0, 0.3, 7, 8],
    owner: [0, 0.2, 5, 6],
    description: [0, 0.1, 2, 3],
  };
const TABLE = PLACES.map((place) => SCORES[place]);

export function scoreOf(place: number, quality: number): number {
  return TABLE[place]?.[quality] ?? 0;
}

/** Above everything that words can reach: the server whose very name was written. */
export const OWN_NAME = 10_000;
export const OWN_NAME_FOLDED = 5_000;
