/**
 * Which addresses may be asked on behalf of a stranger: none inside this network, unless its owner says so. This machine
 * itself only by a name that says so: a public name that leads to it is refused like any other way in.
 *
 * @see https://modelcontextprotocol.io/docs/tutorials/security/security_best_practices#server-side-request-forgery-ssrf
 */
import { BlockList, isIP } from 'node:net';
import { isLoopback } from '../../oauth/protected-resource.js';

/** Special-use ranges (RFC 6890 and its successors). */
const INSIDE = `0.0.0.0/8 10.0.0.0/8 100.64.0.0/10 127.0.0.0/8 169.254.0.0/16 172.16.0.0/12 192.0.0.0/24 192.0.2.0/24
  192.88.99.0/24 192.168.0.0/16 198.18.0.0/15 198.51.100.0/24 203.0.113.0/24 224.0.0.0/3 ::/96 ::ffff:0:0:0/96
  64:ff9b::/96 64:ff9b:1::/48 100::/64 2001::/23 2001:db8::/32 2002::/16 3fff::/20 5f00::/16 fc00::/7 fe80::/9 ff00::/8`;
const inside = networks(INSIDE.split(/\s+/));
const here = networks(['127.0.0.0/8', '::1/128']);

export type Reach = {
  /** This machine, by its own names. */
  loopback: boolean;
  /** Networks inside that may be asked, also over plain http: `10.2.0.0/16`. */
  networks?: BlockList;
};

/** @throws RangeError with one line to read when one of them is no network. */
export function networks(texts: readonly string[]): BlockList {
  const list = new BlockList();
  for (const text of texts) {
    const [address = '', bits = '', ...more] = text.split('/');
    const version = isIP(address);
    if (
      version === 0 ||
      !/^\d{1,3}$/.test(bits) ||
      Number(bits) > (version === 4 ? 32 : 128) ||
      more.length > 0
    )
      throw new RangeError(`expected a network such as 10.2.0.0/16, received ${JSON.stringify(text)}`);
    list.addSubnet(address, Number(bits), version === 4 ? 'ipv4' : 'ipv6');
  }
  return list;
}

/** Before any name is resolved. @throws OutOfReach */
export function checkUrl(url: URL, reach: Reach): void {
  const { protocol, origin, username, password } = url;
  const host = url.hostname.replace(/^\[|\]$/g, '');
  if (username !== '' || password !== '')
    throw new AddressNotAllowed(`${origin} is not asked with credentials in its URL`);
  // Over plain http what is inside may be asked, and that may show only with the address.
  const plain = protocol === 'http:' && (isNear(url, reach) || reach.networks !== undefined);
  if (protocol === 'https:' || plain) {
    if (isIP(host) !== 0) checkAddress(host, url, reach);
    return;
  }
  throw new AddressNotAllowed(`${origin} is not asked: only https is, and http on loopback`);
}

/** Of each address that a name leads to. @throws OutOfReach */
export function checkAddress(address: string, url: URL, reach: Reach): void {
  const family = isIP(address) === 6 ? 'ipv6' : 'ipv4';
  if (reach.networks?.check(address, family) === true) return;
  const near = isNear(url, reach);
  if (near && !here.check(address, family))
    throw new AddressNotAllowed(`${address} is not asked: it is not this machine`);
  if (!near && inside.check(address, family))
    throw new AddressNotAllowed(`${address} is not asked: it is inside this network`);
  if (!near && url.protocol !== 'https:')
    throw new AddressNotAllowed(`${address} is not asked over plain http: it is outside`);
}

function isNear({ hostname }: URL, { loopback }: Reach): boolean {
  return loopback && isLoopback(hostname);
}

/** What was asked for lies where nobody may ask. */
export class AddressNotAllowed extends Error {
  override readonly name = 'OutOfReach';
}
