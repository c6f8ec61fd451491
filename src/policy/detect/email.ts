/**
 * E-mail addresses, as the reference finds them and beyond: letters of any script, `%40` and the full-width sign.
 * Each at sign is looked at once, and nothing to its left is read twice, so the time stays linear.
 */

const AT_SIGN = /@|\uff20|%40/g;
/** One label, a dot, and whatever may follow; the reference swallows trailing dots too. */
const DOMAIN = /[\p{L}\p{M}\p{N}_-]+[.\u3002][\w.-]+/uy;
const LOCAL_ASCII = /[\w.+-]/;
const LOCAL_BEYOND = /[\p{L}\p{M}\p{N}]/u;

export function redactEmails(text: string): string {
  let redacted = '';
  let done = 0;
  for (const { 0: sign, index } of text.matchAll(AT_SIGN)) {
    if (index < done) continue;
    let start = index;
    while (start > done && isLocal(text.charAt(start - 1))) start -= 1;
    if (start === index) continue;
    DOMAIN.lastIndex = index + sign.length;
    if (!DOMAIN.test(text)) continue;
    redacted += `${text.slice(done, start)}[email]`;
    done = DOMAIN.lastIndex;
  }
  return done === 0 ? text : redacted + text.slice(done);
}

const isLocal = (character: string): boolean =>
  character < '\u0080' ? LOCAL_ASCII.test(character) : LOCAL_BEYOND.test(character);
