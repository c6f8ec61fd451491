/** Strict readers for user input: the URL of a server, and the reason for a change. */

import { canonicalResource } from '../../oauth/audience.js';
import { preview } from '../../wire/value.js';
import { OutOfReach } from '../outbound/reach.js';
import { addressMeantBy, endpointAt } from './manifest/address.js';

const MAX_REASON = 500;

/** Why a request was refused: no such server, invalid input, or a conflict with what is stored. */
export class Refused extends Error {
  override readonly name = 'Refused';

  constructor(
    readonly why: 'unknown' | 'invalid' | 'conflict',
    message: string,
    /** The field that is wrong. */
    readonly field?: string,
  ) {
    super(message);
  }
}

/** The one address of a server, for any of its URLs. @throws Refused */
export function addressOf(text: string, checkUrl: (url: URL) => void): string {
  if (text.length > 2_048 || !URL.canParse(text.trim()))
    throw new Refused('invalid', `expected an https URL, received ${preview(text)}`, 'url');
  const url = new URL(text.trim());
  if (!/^https?:$/.test(url.protocol))
    throw new Refused('invalid', `expected an https URL, received ${preview(text)}`, 'url');
  try {
    checkUrl(url);
  } catch (error) {
    if (error instanceof OutOfReach) throw new Refused('invalid', error.message, 'url');
    throw error;
  }
  const address = addressMeantBy(url);
  const endpoint = endpointAt(new URL(address));
  if (endpoint !== undefined && canonicalResource(endpoint) === undefined)
    throw new Refused('invalid', `expected the URL of an MCP endpoint, received ${preview(text)}`, 'url');
  return address;
}

export function reasonIn(text: string): string {
  const reason = text.trim();
  if (reason === '') throw new Refused('invalid', 'expected a reason, received nothing', 'reason');
  if (reason.length > MAX_REASON)
    throw new Refused(
      'invalid',
      `expected a reason of at most ${MAX_REASON} characters, received ${reason.length}`,
      'reason',
    );
  return reason;
}
