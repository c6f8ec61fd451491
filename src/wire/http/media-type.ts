/**
 * `Content-Type`: the type itself and the charset. Other parameters have no meaning for JSON and are passed over.
 *
 * @see https://www.rfc-editor.org/rfc/rfc9110#section-8.3
 */

export type MediaType = {
  /** `type/subtype` in lower case. */
  essence: string;
  /** Each that is named, in lower case; there should be one at most. */
  charsets: readonly string[];
};

export function readMediaType(header: string): MediaType {
  const [essence = '', ...parameters] = splitUnquoted(header);
  const charsets = parameters.flatMap((parameter) => {
    const at = parameter.indexOf('=');
    if (parameter.slice(0, at).trim().toLowerCase() !== 'charset') return [];
    const value = parameter.slice(at + 1).trim();
    const quoted = value.length > 1 && value.startsWith('"') && value.endsWith('"');
    return (quoted ? value.slice(1, -1) : value).toLowerCase();
  });
  return { essence: essence.trim().toLowerCase(), charsets };
}

/** At each semicolon that stands in no quoted string. Character by character: the time grows with the length and no faster. */
function splitUnquoted(header: string): string[] {
  const parts: string[] = [];
  let start = 0;
  let quoted = false;
  for (let at = 0; at < header.length; at += 1) {
    const character = header[at];
    if (character === '"') quoted = !quoted;
    else if (character === '\\' && quoted) at += 1;
    else if (character === ';' && !quoted) {
      parts.push(header.slice(start, at));
      start = at + 1;
    }
  }
  return [...parts, header.slice(start)];
}
