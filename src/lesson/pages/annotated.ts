/** The bytes of an exchange as HTML: each part that has a note links to it, and a list of the notes follows. */
import { type Html, html } from '../../pages/html.js';
import { visible, visibleData } from '../../pages/visible.js';
import { clauseOf } from '../annotations/clauses.js';
import type { Note } from '../annotations/note.js';
import { lineOf } from '../annotations/source-line.js';
import type { Line, Part } from '../trace/lines.js';

/** The address at which readers find a line of the source; undefined if it is not published. */
export type SourceAt = (file: string, line: number | undefined) => string | undefined;

/** The notes of one exchange, each once, in the order of the parts that they explain. */
export class Notes {
  readonly #ids = new Map<string, { id: string; title: string; note: Note }>();
  readonly #shownTexts = new Set<string>();

  /** @param prefix of the ids, different for each exchange of a page */
  constructor(
    readonly prefix: string,
    readonly sourceAt?: SourceAt,
  ) {}

  idOf(title: string, note: Note): string {
    const key = `${title}\n${note.what}`;
    const entry = this.#ids.get(key) ?? { id: `${this.prefix}-${this.#ids.size + 1}`, title, note };
    this.#ids.set(key, entry);
    return entry.id;
  }

  /** True the first time: what is long and the same in many exchanges is shown once. */
  isNew(text: string): boolean {
    const isNew = !this.#shownTexts.has(text);
    this.#shownTexts.add(text);
    return isNew;
  }

  get list(): Html {
    return html`<dl>${[...this.#ids.values()].map((one) => meaning(one, this.sourceAt))}</dl>`;
  }
}

/** The classes of the style sheet for lines that are indented, by depth. */
const DEPTHS = ['in-1', 'in-2', 'in-3', 'in-4', 'in-5', 'in-6'];

export function bytesView(lines: readonly Line[], notes: Notes): Html {
  return html`<pre class="bytes">${lines.map((line) => html`<span class="${classOf(line)}">${line.map((part) => annotated(part, notes))}${'\n'}</span>`)}</pre>`;
}

/** Pages have thousands of lines, so no byte is spent on what is empty. */
function classOf(line: Line): string {
  const depth = depthOf(line);
  return depth === undefined ? 'line' : `line ${depth}`;
}

/** What does not fit in a line continues behind the place where the line began. */
function depthOf([first]: Line): string | undefined {
  const depth = Math.floor((/^ */.exec(first?.text ?? '')?.[0].length ?? 0) / 2);
  return DEPTHS[Math.min(depth, DEPTHS.length) - 1];
}

function annotated({ text, note, kind }: Part, notes: Notes): Html {
  if (note === undefined) {
    return kind === 'aside' ? html`<i class="aside">${visibleData(text)}</i>` : visibleData(text);
  }
  const id = notes.idOf(text.trim(), note);
  return html`<a data-note href="#${id}">${visibleData(text)}</a>`;
}

function meaning({ id, title, note }: { id: string; title: string; note: Note }, sourceAt?: SourceAt): Html {
  const { what, clause, elsewhere, file, at } = note;
  return html`<div id="${id}"><dt><code>${visible(title)}</code></dt><dd>${what}${
    clause && clauseView(clause)
  }${elsewhere && html`<br><span class="soft">Defined in</span> ${elsewhere}`}${
    file && html`<br><span class="soft">Handled in</span> ${sourceView(file, at, sourceAt)}`
  }</dd></div>`;
}

function sourceView(file: string, at: string | undefined, sourceAt: SourceAt | undefined): Html {
  const line = at === undefined ? undefined : lineOf(file, at);
  const name = html`<code>${file}${line !== undefined && `:${line}`}</code>`;
  const address = sourceAt?.(file, line);
  return address === undefined ? name : html`<a href="${address}">${name}</a>`;
}

/** What the clause requires, with a link to its section. */
function clauseView(id: string): Html {
  const clause = clauseOf(id);
  if (clause === undefined) return html`<br><code>${id}</code>`;
  return html`<br><span class="soft">${clause.level}:</span> ${withCode(clause.summary)} <a href="${clause.url}">${id}</a>`;
}

/** What stands between backticks is code. */
function withCode(text: string): Html[] {
  return text.split('`').map((part, at) => (at % 2 === 0 ? html`${part}` : html`<code>${part}</code>`));
}
