/** One of two texts, with the part marked in which it differs from the other. */
import { type Html, html } from '../../../pages/html.js';
import { MAX_TEXT, shown } from './trimmed.js';

/** A change is shown up to so many characters: a whole description has no more. */
const MAX_CHANGED = 16_384;
/** Of what is the same before and after it, in a text that is long. */
const MAX_AROUND = 1_000;
/** Longer texts are not taken apart into words. */
const MAX_COMPARED = 64 * 1024;

/** Whole words are marked, and whole characters: half of a pair would be nothing that can be shown. */
export function marked(text: string, other: string): Html {
  if (text.length > MAX_COMPARED || other.length > MAX_COMPARED) return shown(text);
  const [words, others] = [wordsOf(text), wordsOf(other)];
  const most = Math.min(words.length, others.length);
  let start = 0;
  while (start < most && words[start] === others[start]) start += 1;
  let end = 0;
  while (end < most - start && words.at(-1 - end) === others.at(-1 - end)) end += 1;
  const changed = words.slice(start, words.length - end).join('');
  if (start === 0 && end === 0) return shown(text, MAX_CHANGED);
  const [before, after] = [words.slice(0, start).join(''), words.slice(words.length - end).join('')];
  const mark = changed === '' ? undefined : html`<mark>${shown(changed, MAX_CHANGED)}</mark>`;
  if (text.length <= MAX_TEXT) return html`${shown(before)}${mark}${shown(after)}`;
  const skipped = Math.max(0, before.length - MAX_AROUND);
  const same =
    skipped === 0 ? undefined : html`<span class="unseen">${skipped} characters that are the same …</span>`;
  // Between words, so not within a pair.
  const near = skipped === 0 ? before : before.slice(before.indexOf(' ', skipped) + 1);
  return html`${same}${shown(near)}${mark}${shown(after, MAX_AROUND)}`;
}

function wordsOf(text: string): string[] {
  return text.match(/\s+|[^\s]+/gu) ?? [];
}
