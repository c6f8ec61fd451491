/**
 * Why a token was not accepted. The message is for the log: it names what was expected and received. What the caller
 * is told is `said`, which names nothing that it did not know (RFC 6750, section 3.1).
 */

/** A closed list, so that logs can be counted by it. */
export type TokenProblem =
  | 'malformed'
  | 'too_long'
  | 'algorithm'
  | 'type'
  | 'issuer'
  | 'key'
  | 'signature'
  | 'expired'
  | 'not_yet_valid'
  | 'issued_in_future'
  | 'audience'
  | 'claims'
  | 'approved_in_future'
  | 'tenant'
  | 'inactive';

const SAID: { [Problem in TokenProblem]: string } = {
  malformed: 'the token is malformed',
  too_long: 'the token is too long',
  algorithm: 'the token is signed with an algorithm that is not accepted',
  type: 'this is no access token',
  issuer: 'the token is from another issuer',
  key: 'the key that signed the token is not known',
  signature: 'the signature of the token does not match',
  expired: 'the token has expired',
  not_yet_valid: 'the token is not valid yet',
  issued_in_future: 'the token was issued in the future',
  audience: 'the token is for another audience',
  claims: 'the token lacks a claim, or has one that is not valid',
  approved_in_future: 'the token was approved in the future',
  tenant: 'the token names no tenant that its issuer may name here',
  inactive: 'the token is not active: it has expired, was revoked, or never was',
};

export class TokenRefused extends Error {
  override readonly name = 'TokenRefused';

  constructor(
    readonly reason: TokenProblem,
    detail: string,
    options?: ErrorOptions,
  ) {
    super(detail, options);
  }

  /** For the wire. */
  get publicMessage(): string {
    return SAID[this.reason];
  }
}

/** The authorization server cannot be asked just now, so nothing can be said about the token. */
export class KeysUnreachable extends Error {
  override readonly name = 'KeysUnreachable';
}
