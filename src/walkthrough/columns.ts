/**
 * Fits text into a width: wraps prose at spaces, cuts wire text wherever the line is full, and sets two columns. Colors it by
 * meaning, so that a caller says what a thing is, not how it looks.
 */

const CODES = { title: 1, quiet: 2, sent: 36, came: 32, decided: 33, wrong: 31 } as const;

export type Style = keyof typeof CODES;
export type Paint = (style: Style, text: string) => string;

export const plain: Paint = (_, text) => text;
export const coloured: Paint = (style, text) => (text === '' ? '' : `\x1b[${CODES[style]}m${text}\x1b[0m`);

const GAP = ' | ';

/** Each paragraph is one string. */
export function wrapProse(text: string, width: number, indent = ''): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(/\s+/).filter((part) => part !== '')) {
    if (line !== '' && indent.length + line.length + 1 + word.length > width) {
      lines.push(indent + line);
      line = word;
    } else line = line === '' ? word : `${line} ${word}`;
  }
  return line === '' ? lines : [...lines, indent + line];
}

/** Puts a mark before each line. A long line continues below, without the mark. */
export function marked(mark: string, lines: readonly string[], width: number): string[] {
  const room = Math.max(1, width - 2);
  return lines.flatMap((line) => {
    const chars = [...line];
    const parts = Array.from({ length: Math.max(1, Math.ceil(chars.length / room)) }, (_, index) =>
      chars.slice(index * room, (index + 1) * room).join(''),
    );
    return parts.map((part, index) => `${index === 0 ? mark : ' '} ${part}`.trimEnd());
  });
}

export type Column = { lines: readonly string[]; paint: (text: string) => string };

/** The lines of both columns must fit into columnWidth. */
export function sideBySide(left: Column, right: Column, width: number): string[] {
  const room = columnWidth(width);
  return Array.from({ length: Math.max(left.lines.length, right.lines.length) }, (_, index) => {
    const [leftLine, rightLine] = [left.lines[index] ?? '', right.lines[index] ?? ''];
    const padding = ' '.repeat(Math.max(0, room - [...leftLine].length));
    return `${left.paint(leftLine)}${padding}${GAP}${right.paint(rightLine)}`.trimEnd();
  });
}

export function columnWidth(width: number): number {
  return Math.floor((width - GAP.length) / 2);
}
