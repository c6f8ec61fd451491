/** One of two texts, with the part marked in which it differs from the other. */
import { type Html, html } from '../../http/html.js';
import { visible } from '../../http/visible.js';

/** Whole words are marked, and whole characters: half of a pair would be nothing that can be shown. */
export function marked(text: string, other: string): Html {
  const [words, others] = [wordsOf(text), wordsOf(other)];
  const most = Math.min(words.length, others.length);
  let start = 0;
  while (start < most && words[start] === others[start]) start += 1;
  let end = 0;
  while (end < most - start && words.at(-1 - end) === others.at(-1 - end)) end += 1;
  const changed = words.slice(start, words.length - end).join('');
  if (start === 0 && end === 0) return visible(text);
  return html`${visible(words.slice(0, start).join(''))}${changed === '' ? undefined : html`<mark>${visible(changed)}</mark>`}${visible(words.slice(words.length - end).join(''))}`;
}

function wordsOf(text: string): string[] {
  return text.match(/\s+|[^\s]+/gu) ?? [];
}
