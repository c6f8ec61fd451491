/** IPv4 and IPv6 addresses. Candidates have a bounded length; what is a valid IPv6 address is reckoned, not matched. */

const OCTET = '(?:25[0-5]|2[0-4]\\d|1\\d\\d|[1-9]?\\d)';
const IPV4 = new RegExp(`(?<!\\w|\\d\\.)(?:${OCTET}\\.){3}${OCTET}(?!\\w|\\.\\d)`, 'g');
const IPV6 =
  /(?<![\w:.])(?:[\da-f]{1,4})?(?::[\da-f]{0,4}){2,8}(?:(?:\.\d{1,3}){3})?(?:%\w{1,15})?(?![\w:])/gi;

export function redactIps(text: string): string {
  // IPv6 first: it may end in an IPv4 address.
  return text.replace(IPV6, maskIpv6).replace(IPV4, '[ip]');
}

function maskIpv6(found: string): string {
  // A colon behind an address belongs to the sentence.
  const tail = found.endsWith(':') && !found.endsWith('::') ? ':' : '';
  const [address = ''] = found.slice(0, found.length - tail.length).split('%', 1);
  return isIpv6(address) ? `[ip]${tail}` : found;
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
