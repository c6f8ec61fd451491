/**
 * One query against one server after the other. All words must be in the server's text, which is its own and that of its
 * tools; which of the tools are meant is then told by what they have of the words.
 */
import type { Document, Tool } from './document.js';
import type { Lookups } from './lookups.js';
import { EXACT, OWN_NAME, OWN_NAME_FOLDED, PLACE_BITS, PLACES, PREFIX, scoreOf } from './ranking.js';
import type { Terms } from './terms.js';

const PLACE_MASK = (1 << PLACE_BITS) - 1;
const WHOLE_NAME = PLACES.indexOf('whole name');
const WORD_OF_A_NAME = PLACES.indexOf('word of a name');
const DESCRIPTION = PLACES.indexOf('description');

/** Holds what was found of the last server that matched: made once for a query, since servers are many. */
export class Matcher {
  readonly #terms: Terms;
  readonly #lookups: Lookups;
  /** All that is looked for, one bit each: the pieces of the words, then the phrases. */
  readonly #wanted: number;
  readonly #best: Float64Array;
  readonly #inPart: Float64Array;
  readonly #bits: number[] = [];
  readonly #scores: number[] = [];
  #need = 0;
  #oneHasAll = false;
  score = 0;

  constructor(terms: Terms, lookups: Lookups) {
    this.#terms = terms;
    this.#lookups = lookups;
    const count = lookups.pieces + terms.phrases.length;
    this.#wanted = 2 ** count - 1;
    this.#best = new Float64Array(count);
    this.#inPart = new Float64Array(count);
  }

  match(document: Document): boolean {
    const named = this.#named(document);
    if (named === 0 && !this.#hasWords(document)) return false;
    this.#best.fill(0);
    this.#bits.length = 0;
    this.#scores.length = 0;
    let all = 0;
    for (let part = 0; part <= document.tools.length; part += 1) all |= this.#part(document, part);
    if (named === 0 && all !== this.#wanted) return false;

    // What the server's own text has, its tools need not have.
    const need = named > 0 ? 0 : this.#wanted & ~(this.#bits[0] ?? 0);
    this.#need = need;
    this.#oneHasAll = false;
    for (let part = 1; part < this.#bits.length; part += 1) {
      if (((this.#bits[part] ?? 0) & need) === need) this.#oneHasAll = true;
    }
    this.score = named;
    for (let at = 0; at < this.#best.length; at += 1) this.score += this.#best[at] ?? 0;
    return true;
  }

  /**
   * Whether a tool may be what was looked for. Any is, when the server's own text says it all; else those that have what
   * it lacks, or some of that where no tool has all.
   */
  meant(tool: number): boolean {
    const has = (this.#bits[tool + 1] ?? 0) & this.#need;
    return this.#oneHasAll ? has === this.#need : this.#need === 0 || has !== 0;
  }

  /** Zero where nothing that was looked for is in the tool itself. */
  scoreOf(tool: number): number {
    return this.#scores[tool + 1] ?? 0;
  }

  #named({ name, folded }: Document): number {
    const { text } = this.#terms;
    if (text === '') return 0;
    return name === text ? OWN_NAME : folded === this.#terms.folded ? OWN_NAME_FOLDED : 0;
  }

  /** A quick look, since most servers have not all of the words. */
  #hasWords({ tokens }: Document): boolean {
    const { bits, pieces } = this.#lookups;
    const words = 2 ** pieces - 1;
    let all = 0;
    for (let at = 0; all !== words && at < tokens.length; at += 1) {
      all |= bits[(tokens[at] ?? 0) >>> PLACE_BITS] ?? 0;
    }
    return all === words;
  }

  /** Takes the scores of one part, the server's own or a tool, into those of the server. */
  #part(document: Document, part: number): number {
    const inPart = this.#inPart;
    if (inPart.length === 0) return 0;
    let bits = this.#lookups.pieces === 0 ? 0 : this.#words(document, part);
    const tool = document.tools[part - 1];
    if (tool !== undefined && this.#terms.phrases.length > 0) bits |= this.#phrases(tool);
    let sum = 0;
    if (bits !== 0) {
      for (let at = 0; at < inPart.length; at += 1) {
        const score = inPart[at] ?? 0;
        sum += score;
        if (score > (this.#best[at] ?? 0)) this.#best[at] = score;
      }
      inPart.fill(0);
    }
    this.#bits.push(bits);
    this.#scores.push(sum);
    return bits;
  }

  #words({ tokens, starts }: Document, part: number): number {
    const { bits, list } = this.#lookups;
    const end = starts[part + 1] ?? 0;
    let found = 0;
    for (let at = starts[part] ?? 0; at < end; at += 1) {
      const token = tokens[at] ?? 0;
      const id = token >>> PLACE_BITS;
      const here = bits[id] ?? 0;
      if (here === 0) continue;
      found |= here;
      for (const { quality, pieces } of list) {
        const worth = quality[id] ?? 0;
        if (worth === 0) continue;
        const score = scoreOf(token & PLACE_MASK, worth);
        for (const piece of pieces) this.#take(piece, score);
      }
    }
    return found;
  }

  #phrases({ lowerName, lowerDescription }: Tool): number {
    const { phrases } = this.#terms;
    let found = 0;
    for (let index = 0; index < phrases.length; index += 1) {
      const phrase = phrases[index] ?? '';
      const at = this.#lookups.pieces + index;
      if (lowerName === phrase) this.#take(at, scoreOf(WHOLE_NAME, EXACT));
      else if (lowerName.includes(phrase)) this.#take(at, scoreOf(WORD_OF_A_NAME, PREFIX));
      else if (lowerDescription.includes(phrase)) this.#take(at, scoreOf(DESCRIPTION, EXACT));
      else continue;
      found |= 1 << at;
    }
    return found;
  }

  #take(at: number, score: number): void {
    if (score > (this.#inPart[at] ?? 0)) this.#inPart[at] = score;
  }
}
