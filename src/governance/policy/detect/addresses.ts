/** Addresses: e-mail, IPv4 and IPv6, and URLs that are secrets because of a password or a webhook's path. */
import type { Row, Span } from './spans.js';

/**
 * An at sign; the local part on its left, read once; then one label, a dot, and whatever may follow, in any script. The reference
 * takes trailing dots too. Like the reference it takes versions of packages, such as `react@18.2.0`, for addresses.
 */
const AT_DOMAIN =
  /(?:@|\uff20|%40)(?<=([\p{L}\p{M}\p{N}_.+-]+)(?:@|\uff20|%40))[\p{L}\p{M}\p{N}_-]{1,63}[.\u3002\uff61][\p{L}\p{M}\p{N}_.\u3002\uff61-]{1,253}/gu;
/** A last label in ASCII ends where letters of another script follow, as in `ada@example.comへ`. */
const LATIN_AND_MORE = /[.@]([\w-]{1,63})[^\w.-][^.]*$/;
/** The user of a repository: `git@host:path`, `ssh://git@host/path`. */
const REPOSITORY_USER = /^(?:git|hg|svn)$/;

/** E-mail addresses, as the reference finds them and more: letters of any script, `%40` and the full-width sign. */
export const EMAILS: readonly Row[] = [
  { marker: '[email]', pattern: AT_DOMAIN, needs: /@|\uff20|%40/, judge: emailBounds },
];

function emailBounds(match: RegExpExecArray, minStart: number): Partial<Span> | undefined {
  const { 0: domain, 1: local = '', index, input } = match;
  const start = Math.max(minStart, index - local.length);
  const latin = LATIN_AND_MORE.exec(domain);
  const end = index + (latin === null ? domain.length : latin.index + 1 + (latin[1]?.length ?? 0));
  if (start === index) return undefined;
  if (REPOSITORY_USER.test(input.slice(start, index))) {
    const isPath = /^:[\w./~-]/.test(input.slice(end, end + 2));
    if (isPath || input.slice(Math.max(0, start - 3), start) === '://') return undefined;
  }
  return { start, end };
}

const OCTET = '(?:25[0-5]|2[0-4]\\d|1\\d\\d|[1-9]?\\d)';
const IPV4 = new RegExp(`(?<!\\w|\\d\\.)(?:${OCTET}\\.){3}${OCTET}(?!\\w|\\.\\d)`, 'g');
const IPV6 =
  /(?<![\w:.])(?:[\da-f]{1,4})?(?::[\da-f]{0,4}){2,8}(?:(?:\.\d{1,3}){3})?(?:%\w{1,15})?(?![\w:])/gi;
/** A word before four numbers that makes them a version. */
const VERSION_BEFORE = /(?:\bv|\bver|version|release|build|clause|section)["']?[ \t:=]{0,3}$/i;

/** First IPv6, which may end in an IPv4 address. */
export const IPS: readonly Row[] = [
  { marker: '[ip]', pattern: IPV6, needs: /:/, judge: ipv6Bounds },
  { marker: '[ip]', pattern: IPV4, needs: /\./, judge: ipv4Bounds },
];

/** `1.0.0.0` is a version, or a network that no host has; `10.0.0.0/8` is a network that somebody has. */
function ipv4Bounds({ index, input, 0: match }: RegExpExecArray): Partial<Span> | undefined {
  const hasPrefix = input.charAt(index + match.length) === '/';
  if (match.endsWith('.0.0') && !hasPrefix) return undefined;
  return VERSION_BEFORE.test(input.slice(Math.max(0, index - 16), index)) ? undefined : {};
}

function ipv6Bounds({ index, 0: match }: RegExpExecArray): Partial<Span> | undefined {
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
const URL_PASSWORD = /(?<before>:\/\/[^\s:@/?#"'<>]{0,128}:)([^\s/?#"'<>]{1,256})(?<after>@)/g;
const LIKE_LOCAL = /^[\w.+-]{1,256}$/;
const LIKE_DOMAIN = /^[\w-]{1,63}\.[\w.-]/;
/** A key in the place of a user name: long, with a digit. */
const KEY_AS_USER = /(?<before>:\/\/)(?=[A-Za-z_-]{0,64}\d)[\w-]{20,128}(?<after>@)/g;
const WEBHOOK =
  /(?<before>(?:hooks\.slack(?:-gov)?\.com\/(?:services|workflows|triggers)|discord(?:app)?\.com\/api\/webhooks|\.webhook\.office\.com\/webhookb2|chat\.googleapis\.com\/v1\/spaces)\/)[^\s"'<>]{8,512}/gi;

export const URL_SECRETS: readonly Row[] = [
  { marker: '[key]', pattern: WEBHOOK, needs: /\// },
  { marker: '[hidden]', pattern: URL_PASSWORD, needs: /:\/\//, judge: urlPassword },
  { marker: '[hidden]', pattern: KEY_AS_USER, needs: /:\/\// },
];

function urlPassword({
  index,
  input,
  0: match,
  2: password = '',
}: RegExpExecArray): Partial<Span> | undefined {
  if (password.startsWith('[')) return undefined;
  // The reference takes password and host for an e-mail address, and hides both.
  const end = index + match.length;
  return LIKE_LOCAL.test(password) && LIKE_DOMAIN.test(input.slice(end, end + 254)) ? undefined : {};
}
