/** Strict readers for user input: the URL of a server, and the reason for a change. */
import { canonicalResource } from '../../oauth/audience.js';
import { preview } from '../../wire/value.js';
import { AddressNotAllowed } from '../outbound/reach.js';
import { endpointAt, manifestAddressFor } from './manifest/address.js';

const MAX_URL = 2_048;
const MAX_REASON = 500;

/** Why a request was refused: no such server, invalid input, or a conflict with what is stored. */
export class RequestError extends Error {
  override readonly name = 'RequestError';

  constructor(
    readonly kind: 'unknown' | 'invalid' | 'conflict',
    message: string,
    /** The invalid field. */
    readonly field?: string,
  ) {
    super(message);
  }
}

/** The one address of a server, for any of its URLs. @throws RequestError */
export function readServerAddress(input: string, checkUrl: (url: URL) => void): string {
  const invalid = (message: string) => new RequestError('invalid', message, 'url');
  const text = input.trim();
  const url = text.length <= MAX_URL && URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !/^https?:$/.test(url.protocol))
    throw invalid(`expected an https URL, received ${preview(input)}`);
  try {
    checkUrl(url);
  } catch (error) {
    throw error instanceof AddressNotAllowed ? invalid(error.message) : error;
  }
  const address = manifestAddressFor(url);
  const endpoint = endpointAt(new URL(address));
  if (endpoint !== undefined && canonicalResource(endpoint) === undefined)
    throw invalid(`expected the URL of an MCP endpoint, received ${preview(input)}`);
  return address;
}

/** @throws RequestError */
export function readReason(text: string): string {
  const reason = text.trim();
  if (reason.length > 0 && reason.length <= MAX_REASON) return reason;
  const message =
    reason === ''
      ? 'expected a reason, received nothing'
      : `expected a reason of at most ${MAX_REASON} characters, received ${reason.length}`;
  throw new RequestError('invalid', message, 'reason');
}
