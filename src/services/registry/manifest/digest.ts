/**
 * Digests: `sha256:` and the hash of a value's RFC 8785 text, the same whatever the order of members, another with any
 * change of a word. A digest is an entity tag as well.
 *
 * @see https://www.rfc-editor.org/rfc/rfc8785
 * @see https://www.rfc-editor.org/rfc/rfc9110#section-8.8.3
 */
import { hash } from 'node:crypto';
import { canonicalJson } from '../../../wire/jsonrpc/canonical.js';

export function digestOf(value: unknown): string {
  return `sha256:${hash('sha256', canonicalJson(value))}`;
}

/** Of a tool as a manifest shows it; a digest that it already has does not count. */
export function toolDigest(tool: object): string {
  return digestOf({ ...tool, digest: undefined });
}

/** Of everything in the document but itself. */
export function manifestDigest(manifest: object): string {
  return digestOf({ ...manifest, digest: undefined });
}

/** Weak, since it stands for the value and not for its bytes: the order of members may differ. */
export function etagOf(digest: string): string {
  return `W/"${digest}"`;
}
