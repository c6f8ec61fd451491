/** Addresses that are secrets: a password before the host, or a webhook's path. */
import { matches, type Span } from './spans.js';

/** A password may hold an at sign, so the last one before the path parts it from the host. */
const PASSWORD = /:\/\/[^\s:@/?#"'<>]{0,128}:([^\s/?#"'<>]{1,256})@/g;
const LIKE_LOCAL = /^[\w.+-]{1,256}$/;
const LIKE_DOMAIN = /^[\w-]{1,63}\.[\w.-]/;
/** A key in the place of a name: long, with a digit. */
const KEY_AS_USER = /:\/\/(?=[A-Za-z_-]{0,64}\d)([\w-]{20,128})@/g;
const WEBHOOK =
  /(?:hooks\.slack(?:-gov)?\.com\/(?:services|workflows|triggers)|discord(?:app)?\.com\/api\/webhooks|\.webhook\.office\.com\/webhookb2|chat\.googleapis\.com\/v1\/spaces)\/([^\s"'<>]{8,512})/gi;

export function findUrlSecrets(text: string): readonly Span[] {
  const webhooks = text.includes('/') ? matches(text, WEBHOOK, '[key]', (match) => lastGroup(match, 0)) : [];
  if (!text.includes('://')) return webhooks;
  const users = matches(text, PASSWORD, '[hidden]', (match) => {
    const { 1: password = '', 0: found, index } = match;
    if (password.startsWith('[')) return undefined;
    // The reference takes password and host for an address, and hides both.
    const host = text.slice(index + found.length, index + found.length + 254);
    return LIKE_LOCAL.test(password) && LIKE_DOMAIN.test(host) ? undefined : lastGroup(match, 1);
  });
  const keys = matches(text, KEY_AS_USER, '[hidden]', (match) => lastGroup(match, 1));
  const all = [...webhooks, ...users, ...keys];
  return all.length < 2 ? all : all.sort((one, other) => one.start - other.start);
}

/** The place of the first group, which ends the match but for `behind` characters. */
function lastGroup(match: RegExpExecArray, behind: number): { start: number; end: number } {
  const end = match.index + match[0].length - behind;
  return { start: end - (match[1]?.length ?? 0), end };
}
