/** A server as the index keeps it: its tokens as numbers, and of its text only what is looked for as it stands. */
import { PLACE_BITS, PLACES, type Place } from './ranking.js';
import type { Indexed } from './search.js';
import { fold, tokensOf } from './tokens.js';
import type { Vocabulary } from './vocabulary.js';

export type Document = Pick<Indexed, 'name' | 'owner' | 'failing' | 'state'> & {
  folded: string;
  /** Whether one of its tools is in quarantine. */
  holding: boolean;
  tools: readonly Tool[];
  /** A token's number, and the place where it stands in the lowest bits; first the server's own, then each tool's. */
  tokens: Uint32Array;
  /** Where a part begins: the server's own is part 0, a tool's is its index and one. One more tells where the last ends. */
  starts: Uint32Array;
};

export type Tool = {
  name: string;
  scope: string;
  destructive: boolean;
  lowerName: string;
  lowerDescription: string;
};

/** Of one description so much is indexed, and so much of all of one server's: who looks for more knows the name. */
const MAX_WORDS = 4_096;
const MAX_WORDS_OF_SERVER = 64 * 1024;

export function documentOf(server: Indexed, vocabulary: Vocabulary): Document {
  let left = MAX_WORDS_OF_SERVER;
  const readable = (description: string): string => {
    const text = unfolded(description.slice(0, Math.min(MAX_WORDS, left)));
    left -= text.length;
    return text;
  };
  const { name, title = '', owner, state, failing, tools } = server;
  const parts = [tokensIn([...named(name), ['title', tokensOf(title)], ['owner', tokensOf(owner ?? '')]])];
  for (const tool of tools) {
    const places: Places = [
      ...named(tool.name),
      ['title', tokensOf(tool.title ?? '')],
      ['scope', tokensOf(tool.scope)],
      ['description', tokensOf(readable(tool.description))],
    ];
    parts.push(tokensIn(places));
  }
  const starts = new Uint32Array(parts.length + 1);
  const tokens = new Uint32Array(parts.reduce((sum, { size }) => sum + size, 0));
  let at = 0;
  for (const [part, found] of parts.entries()) {
    for (const [token, place] of found) tokens[at++] = (vocabulary.use(token) << PLACE_BITS) | place;
    starts[part + 1] = at;
  }
  return {
    name,
    folded: fold(name),
    ...(owner === undefined ? {} : { owner }),
    state,
    failing,
    holding: tools.some((tool) => tool.state === 'quarantined'),
    tools: tools.map(({ name, scope, destructive, description }) => ({
      name,
      scope,
      destructive,
      lowerName: name.toLowerCase(),
      lowerDescription: description.slice(0, MAX_WORDS).toLowerCase(),
    })),
    tokens,
    starts,
  };
}

/** Some characters stand for eighteen others: what they unfold to is bounded like what is written. */
function unfolded(text: string): string {
  return text.normalize('NFKC').slice(0, MAX_WORDS);
}

/** Gives back what it took of the vocabulary. */
export function forget({ tokens }: Document, vocabulary: Vocabulary): void {
  for (const token of tokens) vocabulary.release(token >>> PLACE_BITS);
}

type Places = readonly (readonly [Place, Iterable<string>])[];

function named(name: string): Places {
  return [
    ['whole name', [fold(name)]],
    ['word of a name', tokensOf(name)],
  ];
}

/** Each token once, at the best of its places. */
function tokensIn(places: Places): Map<string, number> {
  const found = new Map<string, number>();
  for (const [place, tokens] of places) {
    const worth = PLACES.indexOf(place);
    for (const token of tokens) found.set(token, Math.min(worth, found.get(token) ?? worth));
  }
  return found;
}
