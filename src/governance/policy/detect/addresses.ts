/** Addresses: e-mail, IPv4 and IPv6, and URLs that are secrets because of a password or a webhook's path. */
import { byStart, lastGroup, matches, type Span } from './spans.js';

const AT_SIGN = /@|\uff20|%40/g;
/** One label, a dot, and whatever may follow, in any script; the reference takes trailing dots too. */
const DOMAIN = /[\p{L}\p{M}\p{N}_-]{1,63}[.\u3002\uff61][\p{L}\p{M}\p{N}_.\u3002\uff61-]{1,253}/uy;
const LATIN_AND_MORE = /^([\w-]{1,63})[^\w.-]/;
/** The user of a repository: `git@host:path`, `ssh://git@host/path`. */
const REPOSITORY_USER = /^(?:git|hg|svn)$/;
const LOCAL_ASCII = /[\w.+-]/;
const LOCAL_BEYOND = /[\p{L}\p{M}\p{N}]/u;

/**
 * E-mail addresses, as the reference finds them and more: letters of any script, `%40` and the full-width sign. Like the reference
 * it takes versions of packages, such as `react@18.2.0`, for addresses. It looks at each at sign once and reads nothing to its
 * left twice, so the time stays linear.
 */
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

/** A last label in ASCII ends where letters of another script follow, as in `ada@example.comへ`. */
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

const OCTET = '(?:25[0-5]|2[0-4]\\d|1\\d\\d|[1-9]?\\d)';
const IPV4 = new RegExp(`(?<!\\w|\\d\\.)(?:${OCTET}\\.){3}${OCTET}(?!\\w|\\.\\d)`, 'g');
const IPV6 =
  /(?<![\w:.])(?:[\da-f]{1,4})?(?::[\da-f]{0,4}){2,8}(?:(?:\.\d{1,3}){3})?(?:%\w{1,15})?(?![\w:])/gi;
/** A word before four numbers that makes them a version. */
const VERSION_BEFORE = /(?:\bv|\bver|version|release|build|clause|section)["']?[ \t:=]{0,3}$/i;

/** First IPv6, which may end in an IPv4 address. */
export function findIps(text: string): readonly Span[] {
  const six = text.includes(':') ? matches(text, IPV6, '[ip]', ipv6) : [];
  const four = text.includes('.') ? matches(text, IPV4, '[ip]', (match) => ipv4(match, text)) : [];
  if (six.length === 0) return four;
  const apart = four.filter(({ start, end }) => !six.some((one) => start < one.end && end > one.start));
  return [...six, ...apart].sort(byStart);
}

/** `1.0.0.0` is a version, or a network that no host has; `10.0.0.0/8` is a network that somebody has. */
function ipv4({ index, 0: match }: RegExpExecArray, text: string): Partial<Span> | undefined {
  const hasPrefix = text.charAt(index + match.length) === '/';
  if (match.endsWith('.0.0') && !hasPrefix) return undefined;
  return VERSION_BEFORE.test(text.slice(Math.max(0, index - 16), index)) ? undefined : {};
}

function ipv6({ index, 0: match }: RegExpExecArray): Partial<Span> | undefined {
  // A colon behind an address belongs to the sentence.
  const address = match.endsWith(':') && !match.endsWith('::') ? match.slice(0, -1) : match;
  const [bare = ''] = address.split('%', 1);
  return isIpv6(bare) ? { end: index + address.length } : undefined;
}

/** @see https://www.rfc-editor.org/rfc/rfc4291#section-2.2 */
function isIpv6(text: string): boolean {
  const halves = text.split('::');
  if (halves.length > 2) return false;
  const groups = halves.flatMap((half) => (half === '' ? [] : half.split(':')));
  if (groups.includes('')) return false;
  const words = groups.length + (groups.at(-1)?.includes('.') === true ? 1 : 0);
  if (halves.length === 1) return words === 8;
  // `dead::beef` may be a name in a program: an abbreviated address has a digit or at least three groups.
  return words <= 7 && (/\d/.test(text) || groups.length >= 3);
}

/** A password may contain an at sign, so the last one before the path separates it from the host. */
const URL_PASSWORD = /:\/\/[^\s:@/?#"'<>]{0,128}:([^\s/?#"'<>]{1,256})@/g;
const LIKE_LOCAL = /^[\w.+-]{1,256}$/;
const LIKE_DOMAIN = /^[\w-]{1,63}\.[\w.-]/;
/** A key in the place of a user name: long, with a digit. */
const KEY_AS_USER = /:\/\/(?=[A-Za-z_-]{0,64}\d)([\w-]{20,128})@/g;
const WEBHOOK =
  /(?:hooks\.slack(?:-gov)?\.com\/(?:services|workflows|triggers)|discord(?:app)?\.com\/api\/webhooks|\.webhook\.office\.com\/webhookb2|chat\.googleapis\.com\/v1\/spaces)\/([^\s"'<>]{8,512})/gi;

export function findUrlSecrets(text: string): readonly Span[] {
  const webhooks = text.includes('/') ? matches(text, WEBHOOK, '[key]', (match) => lastGroup(match, 1)) : [];
  if (!text.includes('://')) return webhooks;
  const passwords = matches(text, URL_PASSWORD, '[hidden]', (match) => {
    const { 1: password = '', 0: found, index } = match;
    if (password.startsWith('[')) return undefined;
    // The reference takes password and host for an e-mail address, and hides both.
    const host = text.slice(index + found.length, index + found.length + 254);
    return LIKE_LOCAL.test(password) && LIKE_DOMAIN.test(host) ? undefined : lastGroup(match, 1, 1);
  });
  const keys = matches(text, KEY_AS_USER, '[hidden]', (match) => lastGroup(match, 1, 1));
  return [...webhooks, ...passwords, ...keys].sort(byStart);
}
