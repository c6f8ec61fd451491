/**
 * E-mail addresses, as the reference finds them and beyond: letters of any script, `%40` and the full-width sign. Versions of
 * packages, such as `react@18.2.0`, are taken for addresses, as the reference does.
 * Each at sign is looked at once, and nothing to its left is read twice, so the time stays linear.
 */

import { replaceSpans, type Span } from './spans.js';

const AT_SIGN = /@|\uff20|%40/g;
/** One label, a dot, and whatever may follow, in any script; the reference swallows trailing dots too. */
const DOMAIN = /[\p{L}\p{M}\p{N}_-]{1,63}[.\u3002\uff61][\p{L}\p{M}\p{N}_.\u3002\uff61-]{1,253}/uy;
const LATIN_AND_MORE = /^([\w-]{1,63})[^\w.-]/;
/** The user of a repository: `git@host:path`, `ssh://git@host/path`. */
const REPOSITORY_USER = /^(?:git|hg|svn)$/;
const LOCAL_ASCII = /[\w.+-]/;
const LOCAL_BEYOND = /[\p{L}\p{M}\p{N}]/u;

export function findEmails(text: string): readonly Span[] {
  const spans: Span[] = [];
  let done = 0;
  for (const { 0: sign, index } of text.matchAll(AT_SIGN)) {
    if (index < done) continue;
    let start = index;
    while (start > done && isLocal(text.charAt(start - 1))) start -= 1;
    if (start === index) continue;
    const domain = index + sign.length;
    DOMAIN.lastIndex = domain;
    if (!DOMAIN.test(text)) continue;
    const end = domainEnd(text, domain, DOMAIN.lastIndex);
    if (isRepository(text, start, index, end)) continue;
    spans.push({ start, end, marker: '[email]' });
    done = end;
  }
  return spans;
}

export function redactEmails(text: string): string {
  return replaceSpans(text, findEmails(text));
}

/** A last label of ASCII that goes on in other letters has ended before them, as in `ada@example.comへ`. */
function domainEnd(text: string, start: number, end: number): number {
  const last = Math.max(text.lastIndexOf('.', end - 1), start);
  const label = LATIN_AND_MORE.exec(text.slice(last + 1, end));
  return label === null ? end : last + 1 + (label[1]?.length ?? 0);
}

function isRepository(text: string, start: number, sign: number, end: number): boolean {
  if (!REPOSITORY_USER.test(text.slice(start, sign))) return false;
  return /^:[\w./~-]/.test(text.slice(end, end + 2)) || text.slice(Math.max(0, start - 3), start) === '://';
}

const isLocal = (character: string): boolean =>
  character < '\u0080' ? LOCAL_ASCII.test(character) : LOCAL_BEYOND.test(character);
