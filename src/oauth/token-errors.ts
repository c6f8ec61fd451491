/**
 * Why a token was not accepted. The error's message is for the log: it names the expected and the received value. The
 * caller gets `publicMessage`, which tells it nothing new (RFC 6750, section 3.1).
 */

/** A closed list, so that logs can be counted by it. */
const PUBLIC_MESSAGES = {
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

export type TokenProblem = keyof typeof PUBLIC_MESSAGES;

export class InvalidToken extends Error {
  override readonly name = 'InvalidToken';

  constructor(
    readonly reason: TokenProblem,
    detail: string,
    options?: ErrorOptions,
  ) {
    super(detail, options);
  }

  get publicMessage(): string {
    return PUBLIC_MESSAGES[this.reason];
  }
}

/** The authorization server does not answer, so the token can be neither accepted nor rejected. */
export class IssuerUnreachable extends Error {
  override readonly name = 'IssuerUnreachable';
}
