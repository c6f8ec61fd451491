/**
 * What the refusals 401, 403, 429 and 503 tell programs in `data` of the JSON-RPC error: the reason, and whether, when and with what to
 * try again. It is the same over HTTP, in band for legacy clients, and on stdio, which has neither status nor headers.
 *
 * The names `reason` and `remediation`, and the three remediations, come from SEP-2643, Structured Authorization Denials (draft, pull
 * request 2643 of modelcontextprotocol as of 2026-08-21). We do not send the rest of the draft, which has not settled: its envelope is
 * `_meta` of a result under a reserved key, where MCP's errors have only `data`; it has one reason for all denials; and its hints
 * describe remedies that an error cannot carry.
 */
import { isRecord, type JsonObject } from './value.js';

/**
 * `available`: the other members say what helps. `unavailable`: nothing helps. `undisclosed`: nothing that a program can do helps. In the
 * last two cases the client must not send the same request again.
 */
export type Remediation = 'available' | 'unavailable' | 'undisclosed';

/** The usual remediation for each reason. */
export const DENIALS = {
  missing_token: 'available',
  invalid_token: 'available',
  insufficient_scope: 'available',
  approval_required: 'available',
  approval_refused: 'unavailable',
  // Sending the same request again asks for approval again.
  approval_expired: 'available',
  approval_used: 'available',
  approval_outdated: 'available',
  denied_by_policy: 'undisclosed',
  switched_off: 'undisclosed',
  foreign_origin: 'unavailable',
  foreign_host: 'unavailable',
  quota_spent: 'available',
  busy: 'available',
  unavailable: 'available',
  stopping: 'available',
  // The call ran, perhaps in part, and its answer is lost. If sent again, it would run twice.
  outcome_unknown: 'undisclosed',
} as const satisfies { [reason: string]: Remediation };

export type DenialReason = keyof typeof DENIALS;

/** The members that say what helps. */
const REMEDIES = ['scope', 'resource_metadata', 'approval', 'retryAfter'] as const;

/** `details` holds the members that the refusal has already. If none of them says what helps, `available` becomes `undisclosed`. */
export function denialData(reason: DenialReason, details: unknown, retryAfterS?: number): JsonObject {
  const usual: Remediation = DENIALS[reason];
  const members = {
    ...(isRecord(details) ? details : {}),
    ...(usual !== 'available' || retryAfterS === undefined ? {} : { retryAfter: retryAfterS }),
  };
  const hasRemedy = REMEDIES.some((name) => name in members);
  return { reason, remediation: usual === 'available' && !hasRemedy ? 'undisclosed' : usual, ...members };
}

/** Where a server publishes the schema. Our own convention, like the `data` itself. */
export const DENIAL_SCHEMA_PATH = '/.well-known/barewire-denial-schema';

/** The schema of `data` in an error 401, 403, 429 or 503. Later versions may add members and reasons but remove none. */
export const DENIAL_SCHEMA = {
  $schema: 'http://json-schema.org/draft-07/schema#',
  title: 'Why an MCP server of barewire refused a request, and what helps',
  type: 'object',
  required: ['reason', 'remediation'],
  properties: {
    reason: { enum: Object.keys(DENIALS), description: 'why' },
    remediation: {
      enum: ['available', 'unavailable', 'undisclosed'],
      description:
        'available: the other members say what helps; unavailable: nothing helps; undisclosed: nothing that a program could do. Unless it is available, the same request must not be sent again.',
    },
    error: { type: 'string', description: 'as in WWW-Authenticate (RFC 6750, section 3.1)' },
    error_description: { type: 'string', description: 'as in WWW-Authenticate: the reason, for developers' },
    scope: { type: 'string', minLength: 1, description: 'a token with all these scopes helps' },
    resource_metadata: {
      type: 'string',
      pattern: '^https?://',
      description: 'says who issues tokens (RFC 9728)',
    },
    approval: {
      type: 'object',
      description: 'a person decides about this very call at the URL; once approved, send the same request',
      required: ['id', 'url', 'expiresAt'],
      properties: {
        id: { type: 'string', minLength: 1 },
        url: { type: 'string', pattern: '^https?://' },
        expiresAt: { type: 'string', pattern: '^\\d{4}-\\d\\d-\\d\\dT[\\d:.]+Z$' },
        comment: { type: 'string', description: 'why the person refused' },
      },
      additionalProperties: false,
    },
    retryAfter: {
      type: 'integer',
      minimum: 0,
      description: 'the same request may be sent again after so many seconds',
    },
  },
  additionalProperties: false,
  if: { properties: { remediation: { const: 'available' } } },
  // biome-ignore lint/suspicious/noThenProperty: a keyword of JSON Schema
  then: { anyOf: REMEDIES.map((name) => ({ required: [name] })) },
  else: { not: { required: ['retryAfter'] } },
} as const satisfies JsonObject;
