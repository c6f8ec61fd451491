/**
 * Reads TypeScript source as far as tests about the source need: which modules it imports, its regular expressions, and its
 * text without comments or without the inside of strings. A scanner, not a parser: it knows comments, strings, templates
 * and patterns.
 */

export type Source = {
  /** The source with comments blanked out, of the same length. */
  code: string;
  /** The same with the inside of strings, templates and patterns blanked out too. */
  bare: string;
  /** Every module named by import, export from, import() or an import type, in order. */
  imports: string[];
  /** Every regular expression that is written as one, in order. */
  patterns: SourcePattern[];
};

export type SourcePattern = { source: string; flags: string; line: number };

/** After these a slash opens a pattern; after anything else it divides. */
const BEFORE_PATTERN = /(?:^|[([{,;=:!&|?+\-*%<>~^]|\b(?:return|typeof|case|of|in|await|yield|void))\s*$/;
const PATTERN = /\/(?:\\.|\[(?:\\.|[^\]\\\n])*\]|[^/\\\n[])+\//y;
const TEMPLATE_TEXT = /(?:\\[\s\S]|\$(?!\{)|[^`\\$])*/y;
const STRING = /(['"])(?:\\[\s\S]|(?!\1)[^\\\n])*\1/y;
const COMMENT = /\/\/[^\n]*|\/\*[\s\S]*?\*\//y;

export function readSource(text: string): Source {
  let code = '';
  let bare = '';
  let at = 0;
  const patterns: SourcePattern[] = [];
  /** One entry for each open template: how many braces are open inside its current `${`. */
  const templates: number[] = [];

  const match = (pattern: RegExp) => {
    pattern.lastIndex = at;
    return pattern.exec(text)?.[0];
  };
  const blank = (part: string) => part.replace(/[^\n]/g, ' ');
  const take = (part: string, bared = part, coded = part) => {
    code += coded;
    bare += bared;
    at += part.length;
  };
  const takeQuoted = (part: string) =>
    take(part, `${part.charAt(0)}${blank(part.slice(1, -1))}${part.charAt(0)}`);
  const takeTemplateText = () => {
    const part = match(TEMPLATE_TEXT) ?? '';
    take(part, blank(part));
    if (text.startsWith('${', at)) {
      templates.push(0);
      take('${');
    } else if (at < text.length) take('`');
  };

  while (at < text.length) {
    const char = text.charAt(at);
    const depth = templates.at(-1);
    const comment = char === '/' ? match(COMMENT) : undefined;
    const quoted =
      char === "'" || char === '"'
        ? match(STRING)
        : char === '/' && BEFORE_PATTERN.test(bare.slice(-40))
          ? match(PATTERN)
          : undefined;
    if (comment !== undefined) take(comment, blank(comment), blank(comment));
    else if (quoted !== undefined) {
      if (char === '/') {
        const flags = /^[a-z]*/.exec(text.slice(at + quoted.length))?.[0] ?? '';
        patterns.push({ source: quoted.slice(1, -1), flags, line: text.slice(0, at).split('\n').length });
      }
      takeQuoted(quoted);
    } else if (char === '`') {
      take(char);
      takeTemplateText();
    } else if (char === '}' && depth === 0) {
      templates.pop();
      take(char);
      takeTemplateText();
    } else {
      if (depth !== undefined && char === '{') templates[templates.length - 1] = depth + 1;
      if (depth !== undefined && char === '}') templates[templates.length - 1] = depth - 1;
      take(char);
    }
  }
  return { code, bare, imports: importsOf(code, bare), patterns };
}

function importsOf(code: string, bare: string): string[] {
  const statement =
    /(?<![.\w$])(?:(?:import|export)\b[^;'"`]*?\bfrom\s*|import\s*|import\s*\(\s*)(?:'( *)'|"( *)"|`( *)`)/g;
  return [...bare.matchAll(statement)].map((found) => {
    const length = (found[1] ?? found[2] ?? found[3] ?? '').length;
    const end = found.index + found[0].length - 1;
    return code.slice(end - length, end);
  });
}
