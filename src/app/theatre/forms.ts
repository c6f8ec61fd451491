/** Reads the forms of this project's own pages: their fields and buttons. */

export type Form = { action: string; fields: URLSearchParams; buttons: { name: string; value: string }[] };

export function readForms(text: string): Form[] {
  return elements(text, 'form').map(({ attributes: head, rest }) => {
    const [inner = ''] = rest.split('</form>', 1);
    const fields = new URLSearchParams();
    for (const { attributes } of elements(inner, 'input')) {
      fields.set(attribute(attributes, 'name'), attribute(attributes, 'value'));
    }
    const buttons = elements(inner, 'button').map(({ attributes }) => ({
      name: attribute(attributes, 'name'),
      value: attribute(attributes, 'value'),
    }));
    return { action: attribute(head, 'action'), fields, buttons };
  });
}

/** Each element with this name: its attributes, and the text up to the next one. */
function elements(text: string, name: string): { attributes: string; rest: string }[] {
  return text
    .split(`<${name}`)
    .slice(1)
    .flatMap((piece) => {
      const end = piece.indexOf('>');
      const isElement = end >= 0 && !/^\w/.test(piece);
      return isElement ? [{ attributes: piece.slice(0, end), rest: piece.slice(end + 1) }] : [];
    });
}

function attribute(attributes: string, name: string): string {
  const value = new RegExp(`\\b${name}="([^"]*)"`).exec(attributes)?.[1] ?? '';
  return value
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&quot;', '"')
    .replaceAll('&#39;', "'")
    .replaceAll('&amp;', '&');
}
