/**
 * URI templates of RFC 6570, the part that can be read backwards: `{name}` stands for one path segment's worth of text,
 * `{+name}` for any, slashes included. Other operators are refused when the template is registered.
 *
 * @see https://www.rfc-editor.org/rfc/rfc6570
 */

export type UriTemplate = {
  text: string;
  variables: string[];
  /** The variables' values, percent-decoded, when the URI fits. */
  match(uri: string): { [name: string]: string } | undefined;
};

export function parseUriTemplate(text: string): UriTemplate {
  const variables: string[] = [];
  let pattern = '';
  let rest = 0;
  for (const { 0: expression, 1: inner = '', index } of text.matchAll(/\{([^{}]*)\}/g)) {
    const [, plus, name] = /^(\+?)([A-Za-z_][A-Za-z0-9_]*)$/.exec(inner) ?? [];
    if (name === undefined)
      throw new SyntaxError(`uriTemplate ${text}: ${expression} is not {name} or {+name}`);
    if (variables.includes(name)) throw new SyntaxError(`uriTemplate ${text}: {${name}} stands there twice`);
    variables.push(name);
    pattern += escaped(text.slice(rest, index)) + (plus === '+' ? '(.+)' : '([^/?#]+)');
    rest = index + expression.length;
  }
  if (variables.length === 0)
    throw new SyntaxError(`uriTemplate ${text}: a template has at least one {name}`);
  const whole = new RegExp(`^${pattern}${escaped(text.slice(rest))}$`);
  return {
    text,
    variables,
    match(uri) {
      const found = whole.exec(uri);
      if (found === null) return undefined;
      try {
        return Object.fromEntries(
          variables.map((name, index) => [name, decodeURIComponent(found[index + 1] ?? '')]),
        );
      } catch {
        return undefined; // a stray percent sign
      }
    },
  };
}

function escaped(literal: string): string {
  return literal.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&');
}
