/**
 * What a JSON Web Token says, so that a transcript can show it. Nothing here is verified: whether a token is worth
 * anything is what the server it is sent to decides.
 *
 * @see https://www.rfc-editor.org/rfc/rfc7519#section-3
 */

/** Header and claims; undefined when the text is no JWT. */
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
