/**
 * A short text that a simple pattern accepts: `OPS-1` would do for `^[A-Z]+-\d+$`. Patterns come from strangers and may take
 * for ever to run, so none is run here: the pattern is read once, from its beginning to its end.
 */

const MAX_LENGTH = 200;
const MAX_DEPTH = 8;
const CLASSES: { [letter: string]: string } = { d: '1', w: 'a', s: ' ', D: 'a', W: '-', S: 'a' };
const CONTROLS: { [letter: string]: string } = { t: '\t', n: '\n', r: '\r', f: '\f', v: '\v' };
/** What is tried for a class that says what must not stand there. */
const ANY = [...'aA1-_ .é'];

/** Of at least so many characters where the pattern leaves that open; undefined when it says more than is read here. */
export function textLike(pattern: string, least = 0): string | undefined {
  const short = new Reader(pattern, 0).all();
  if (short === undefined || short.length >= least) return short;
  return new Reader(pattern, least - short.length).all();
}

type Span = { from: string; to: string };

class Reader {
  #at = 0;

  /** `spare`: how many characters more the first open repetition gives. */
  constructor(
    readonly pattern: string,
    private spare: number,
  ) {}

  all(): string | undefined {
    const text = this.#choice(0);
    return this.#at === this.pattern.length ? text : undefined;
  }

  /** The first alternative is the text; the others are only read past. */
  #choice(depth: number): string | undefined {
    const text = this.#sequence(depth);
    while (text !== undefined && this.#take('|')) {
      const { spare } = this;
      this.spare = 0;
      if (this.#sequence(depth) === undefined) return undefined;
      this.spare = spare;
    }
    return text;
  }

  #sequence(depth: number): string | undefined {
    let text = '';
    while (this.#at < this.pattern.length && !'|)'.includes(this.#next())) {
      if (this.#take('^') || this.#take('$')) continue;
      const atom = this.#atom(depth);
      const times = atom === undefined ? undefined : this.#times(atom);
      if (atom === undefined || times === undefined) return undefined;
      if (text.length + atom.length * times > MAX_LENGTH) return undefined;
      text += atom.repeat(times);
    }
    return text;
  }

  #atom(depth: number): string | undefined {
    if (this.#take('.')) return 'a';
    if (this.#take('[')) return this.#class();
    if (this.#take('(')) {
      // Lookaround is told by what follows the question mark, and not read.
      if (depth >= MAX_DEPTH || (this.#take('?') && !this.#take(':'))) return undefined;
      const text = this.#choice(depth + 1);
      return this.#take(')') ? text : undefined;
    }
    if (this.#take('\\')) return this.#escape();
    return '*+?{'.includes(this.#next()) ? undefined : this.#character();
  }

  #escape(): string | undefined {
    const letter = this.#character();
    if (letter === undefined) return undefined;
    if (letter in CLASSES) return CLASSES[letter];
    if (letter in CONTROLS) return CONTROLS[letter];
    const code = /^(?:u([\dA-Fa-f]{4})|x([\dA-Fa-f]{2}))/.exec(
      letter + this.pattern.slice(this.#at, this.#at + 4),
    );
    if (code !== null) {
      this.#at += code[0].length - 1;
      return String.fromCharCode(Number.parseInt(code[1] ?? code[2] ?? '', 16));
    }
    // Boundaries, references and classes of Unicode are not read.
    return /[A-Za-z0-9]/.test(letter) ? undefined : letter;
  }

  #class(): string | undefined {
    const not = this.#take('^');
    const spans: Span[] = [];
    while (!this.#take(']')) {
      const word = this.pattern.slice(this.#at).match(/^\\[dwsDWS]/)?.[0][1];
      const from = this.#take('\\') ? this.#escape() : this.#character();
      if (from === undefined) return undefined;
      const ranged = this.#next() === '-' && this.pattern[this.#at + 1] !== ']' && word === undefined;
      if (ranged) this.#at += 1;
      const to = !ranged ? from : this.#take('\\') ? this.#escape() : this.#character();
      if (to === undefined) return undefined;
      spans.push({ from, to });
      if (not && word !== undefined) spans.push(...spansOf(word));
    }
    if (!not) return spans[0]?.from;
    return ANY.find((one) => !spans.some(({ from, to }) => from <= one && one <= to));
  }

  #times(atom: string): number | undefined {
    const bounds = /^\{(\d{1,4})(,(\d{0,4}))?\}/.exec(this.pattern.slice(this.#at, this.#at + 12));
    let least = 1;
    let most = 1;
    if (bounds !== null) {
      this.#at += bounds[0].length;
      least = Number(bounds[1]);
      most =
        bounds[2] === undefined ? least : bounds[3] === '' ? Number.POSITIVE_INFINITY : Number(bounds[3]);
    } else if (this.#take('?')) [least, most] = [0, 1];
    else if (this.#take('*')) [least, most] = [0, Number.POSITIVE_INFINITY];
    else if (this.#take('+')) [least, most] = [1, Number.POSITIVE_INFINITY];
    else return 1;
    this.#take('?');
    // One says more than none where more are allowed.
    const shown = most === Number.POSITIVE_INFINITY ? Math.max(1, least) : least;
    const more = Math.min(Math.ceil(this.spare / Math.max(1, atom.length)), most - shown);
    this.spare = Math.max(0, this.spare - more * atom.length);
    return shown + more;
  }

  #character(): string | undefined {
    const code = this.pattern.codePointAt(this.#at);
    if (code === undefined) return undefined;
    const character = String.fromCodePoint(code);
    this.#at += character.length;
    return character;
  }

  #next(): string {
    return this.pattern[this.#at] ?? '';
  }

  #take(character: string): boolean {
    if (this.pattern[this.#at] !== character) return false;
    this.#at += 1;
    return true;
  }
}

function spansOf(word: string): Span[] {
  if (word === 'd') return [{ from: '0', to: '9' }];
  if (word === 's') return [{ from: '\t', to: '\r' }];
  if (word === 'w') return [...'aA0_'].map((from, at) => ({ from, to: 'zZ9_'[at] ?? from }));
  return [{ from: '\0', to: '\uffff' }];
}
