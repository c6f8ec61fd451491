/**
 * The page of a chapter as HTML. Beside what Markdown means everywhere, a paragraph that is nothing but links to transcripts
 * becomes the exchange, a diagram becomes a picture, and the id of a clause a link to the specification.
 */
import { Marked, type Token, type Tokens } from 'marked';
import { Html, html } from '../../pages/html.js';
import { CLAUSE_ID, clauseOf } from '../annotations/clauses.js';
import { type TranscriptLink, transcriptLinks } from '../chapters.js';
import { sequenceView } from '../pages/sequence.js';
import { readSequence } from './mermaid.js';

export type Places = {
  /** The exchange of these transcripts: one, or two side by side. */
  exchange(links: readonly TranscriptLink[]): Html;
  exercise: Html | undefined;
  /** Where a relative link of the page leads; undefined if there is no such page here. */
  link(href: string): string | undefined;
};

/** The HTML of the chapters: an answer that opens. */
const ALLOWED_HTML =
  /^(?:<details>|<\/details>|<summary>[\w ]{1,40}<\/summary>|<details>\s*<summary>[\w ]{1,40}<\/summary>)$/;

/** Without the title and the line that leads to the next chapter. */
export function chapterView(markdown: string, places: Places): Html {
  const marked = rendererFor(places);
  const tokens = marked.lexer(markdown);
  const parts: Html[] = [];
  let prose: Token[] = [];
  let section = '';
  const flush = (): void => {
    const text = prose.length === 0 ? '' : marked.parser(prose);
    if (text.trim() !== '')
      parts.push(
        new Html(`<div class="${section === 'You now know' ? 'prose now' : 'prose'}">${text}</div>`),
      );
    prose = [];
  };
  const leaveSection = (): void => {
    flush();
    if (section === 'Exercise' && places.exercise !== undefined) parts.push(places.exercise);
  };
  let excerpt = false;
  for (const token of tokens) {
    const links = token.type === 'paragraph' ? transcriptLinks(token.raw) : undefined;
    if (token.type === 'heading' && (token as Tokens.Heading).depth === 1) continue;
    if (token.type === 'paragraph' && /^(Next: |\[← )/.test(token.raw)) continue;
    if (excerpt && token.type === 'code' && (token as Tokens.Code).lang === 'wire') continue;
    if (token.type !== 'space') excerpt = links !== undefined;
    if (token.type === 'heading' && (token as Tokens.Heading).depth === 2) {
      leaveSection();
      section = (token as Tokens.Heading).text;
    }
    const special = links === undefined ? diagramOf(token) : places.exchange(links);
    if (special === undefined) prose.push(token);
    else {
      flush();
      parts.push(special);
    }
  }
  leaveSection();
  return html`${parts}`;
}

/** One paragraph, without its links. */
export function inlineView(markdown: string): Html {
  const places = { exchange: () => html``, exercise: undefined, link: () => undefined };
  return new Html(rendererFor(places).parseInline(markdown, { async: false }));
}

function diagramOf(token: Token): Html | undefined {
  if (token.type !== 'code' || (token as Tokens.Code).lang !== 'mermaid') return undefined;
  const sequence = readSequence((token as Tokens.Code).text);
  const names = sequence.lanes.map(({ name }) => name);
  return sequenceView(sequence, `Who sends what, in time: ${names.join(', ')}. The steps follow as a list.`);
}

function rendererFor({ link }: Places): Marked {
  return new Marked({
    renderer: {
      link({ href, tokens }) {
        const text = this.parser.parseInline(tokens);
        const to = /^https?:/.test(href) ? href : link(href);
        return to === undefined ? text : html`<a href="${to}">${new Html(text)}</a>`.text;
      },
      text(token) {
        if ('tokens' in token && token.tokens !== undefined) return this.parser.parseInline(token.tokens);
        return withClauses(html`${token.text}`.text);
      },
      code: ({ text }) => html`<pre tabindex="0"><code>${text}</code></pre>\n`.text,
      codespan: ({ text }) => html`<code>${text}</code>`.text,
      html: ({ text }) =>
        ALLOWED_HTML.test(text.trim()) ? text : text.startsWith('<!--') ? '' : html`${text}`.text,
      table(token) {
        const cell = (inner: Tokens.TableCell, tag: string): string =>
          `<${tag}>${this.parser.parseInline(inner.tokens)}</${tag}>`;
        const head = token.header.map((one) => cell(one, 'th')).join('');
        const rows = token.rows.map((row) => `<tr>${row.map((one) => cell(one, 'td')).join('')}</tr>`);
        return `<div class="scroll" tabindex="0"><table><thead><tr>${head}</tr></thead><tbody>${rows.join('')}</tbody></table></div>`;
      },
    },
  });
}

/** The ids of clauses become links that say what the clause requires. */
function withClauses(text: string): string {
  return text.replace(CLAUSE_ID, (id) => {
    const clause = clauseOf(id);
    if (clause === undefined) return id;
    const title = `${clause.level}: ${clause.summary}`;
    return html`<a class="clause" href="${clause.url}" title="${title}" rel="noreferrer">${id}</a>`.text;
  });
}
