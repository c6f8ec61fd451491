/**
 * Digests: `sha256:` and the hash of a value's RFC 8785 text. The order of members does not matter; any other change does. A
 * digest is also an entity tag.
 *
 * @see https://www.rfc-editor.org/rfc/rfc8785
 * @see https://www.rfc-editor.org/rfc/rfc9110#section-8.8.3
 */
import { hash } from 'node:crypto';
import { canonicalJson } from '../../../wire/jsonrpc/json.js';

export function digestOf(value: unknown): string {
  return `sha256:${hash('sha256', canonicalJson(value))}`;
}

/** The digest of a manifest or a tool, without its own `digest` member. */
export function documentDigest(document: object): string {
  return digestOf({ ...document, digest: undefined });
}

/** Weak, because it identifies the value and not its bytes: the order of members may differ. */
export function etagOf(digest: string): string {
  return `W/"${digest}"`;
}
