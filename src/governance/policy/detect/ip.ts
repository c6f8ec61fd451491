/** IPv4 and IPv6 addresses. Candidates have a bounded length; what is a valid IPv6 address is reckoned, not matched. */

import { matches, replaceSpans, type Span } from './spans.js';

const OCTET = '(?:25[0-5]|2[0-4]\\d|1\\d\\d|[1-9]?\\d)';
const IPV4 = new RegExp(`(?<!\\w|\\d\\.)(?:${OCTET}\\.){3}${OCTET}(?!\\w|\\.\\d)`, 'g');
const IPV6 =
  /(?<![\w:.])(?:[\da-f]{1,4})?(?::[\da-f]{0,4}){2,8}(?:(?:\.\d{1,3}){3})?(?:%\w{1,15})?(?![\w:])/gi;

/** A word before four numbers that says that they are a version. */
const VERSION_BEFORE = /(?:\bv|\bver|version|release|build|clause|section)["']?[ \t:=]{0,3}$/i;

/** First IPv6, which may end in an IPv4 address. */
export function findIps(text: string): readonly Span[] {
  const six = text.includes(':') ? matches(text, IPV6, '[ip]', ipv6) : [];
  const four = text.includes('.') ? matches(text, IPV4, '[ip]', (match) => ipv4(match, text)) : [];
  if (six.length === 0) return four;
  const apart = four.filter(({ start, end }) => !six.some((one) => start < one.end && end > one.start));
  return [...six, ...apart].sort((one, other) => one.start - other.start);
}

export function redactIps(text: string): string {
  return replaceSpans(text, findIps(text));
}

/** `1.0.0.0` is a version, or a network that no host has; `10.0.0.0/8` says that it is a network of somebody's. */
function ipv4({ index, 0: found }: RegExpExecArray, text: string): Partial<Span> | undefined {
  const prefix = text.charAt(index + found.length) === '/';
  if (found.endsWith('.0.0') && !prefix) return undefined;
  return VERSION_BEFORE.test(text.slice(Math.max(0, index - 16), index)) ? undefined : {};
}

function ipv6({ index, 0: found }: RegExpExecArray): Partial<Span> | undefined {
  // A colon behind an address belongs to the sentence.
  const tail = found.endsWith(':') && !found.endsWith('::') ? 1 : 0;
  const address = found.slice(0, found.length - tail);
  const [bare = ''] = address.split('%', 1);
  return isIpv6(bare) ? { end: index + address.length } : undefined;
}

/** @see https://www.rfc-editor.org/rfc/rfc4291#section-2.2 */
function isIpv6(text: string): boolean {
  const halves = text.split('::');
  if (halves.length > 2) return false;
  const groups = halves.flatMap((half) => (half === '' ? [] : half.split(':')));
  const ipv4 = groups.at(-1)?.includes('.') === true;
  const sixteens = groups.length + (ipv4 ? 1 : 0);
  if (groups.some((group) => group === '')) return false;
  if (halves.length === 1) return sixteens === 8;
  // `dead::beef` may be a name in a program: an abbreviated address shows a digit or at least three groups.
  return sixteens <= 7 && (/\d/.test(text) || groups.length >= 3);
}
