/** Strict readers for user input: the URL of a server, and the reason for a change. */

import { canonicalResource } from '../../oauth/audience.js';
import { preview } from '../../wire/value.js';
import { AddressNotAllowed } from '../outbound/reach.js';
import { endpointAt, manifestAddressFor } from './manifest/address.js';

const MAX_REASON = 500;

/** Why a request was refused: no such server, invalid input, or a conflict with what is stored. */
export class RequestError extends Error {
  override readonly name = 'Refused';

  constructor(
    readonly kind: 'unknown' | 'invalid' | 'conflict',
    message: string,
    /** The field that is wrong. */
    readonly field?: string,
  ) {
    super(message);
  }
}

/** The one address of a server, for any of its URLs. @throws Refused */
export function readServerAddress(text: string, checkUrl: (url: URL) => void): string {
  if (text.length > 2_048 || !URL.canParse(text.trim()))
    throw new RequestError('invalid', `expected an https URL, received ${preview(text)}`, 'url');
  const url = new URL(text.trim());
  if (!/^https?:$/.test(url.protocol))
    throw new RequestError('invalid', `expected an https URL, received ${preview(text)}`, 'url');
  try {
    checkUrl(url);
  } catch (error) {
    if (error instanceof AddressNotAllowed) throw new RequestError('invalid', error.message, 'url');
    throw error;
  }
  const address = manifestAddressFor(url);
  const endpoint = endpointAt(new URL(address));
  if (endpoint !== undefined && canonicalResource(endpoint) === undefined)
    throw new RequestError(
      'invalid',
      `expected the URL of an MCP endpoint, received ${preview(text)}`,
      'url',
    );
  return address;
}

export function readReason(text: string): string {
  const reason = text.trim();
  if (reason === '') throw new RequestError('invalid', 'expected a reason, received nothing', 'reason');
  if (reason.length > MAX_REASON)
    throw new RequestError(
      'invalid',
      `expected a reason of at most ${MAX_REASON} characters, received ${reason.length}`,
      'reason',
    );
  return reason;
}
