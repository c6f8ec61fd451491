/**
 * Decodes a JSON Web Token so that a transcript or a trace can show it. It verifies nothing; that is up to the server that
 * receives the token.
 *
 * @see https://www.rfc-editor.org/rfc/rfc7519#section-3
 */

/** Undefined if the text is not a JWT. */
export function readJwt(text: string): { header: unknown; claims: unknown } | undefined {
  const [, header, claims] = /^([\w-]+)\.([\w-]+)\.[\w-]*$/.exec(text) ?? [];
  if (header === undefined || claims === undefined) return undefined;
  try {
    return { header: decoded(header), claims: decoded(claims) };
  } catch {
    return undefined;
  }
}

function decoded(part: string): unknown {
  return JSON.parse(Buffer.from(part, 'base64url').toString('utf8'));
}
