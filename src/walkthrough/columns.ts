/** Text in a given width: prose wrapped at its spaces, wire text cut where the line is full, and two columns. */

const GAP = ' | ';

/** Each paragraph is one string. */
export function wrapProse(text: string, width: number, indent = ''): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(/\s+/).filter((one) => one !== '')) {
    if (line !== '' && indent.length + line.length + 1 + word.length > width) {
      lines.push(indent + line);
      line = word;
    } else line = line === '' ? word : `${line} ${word}`;
  }
  return line === '' ? lines : [...lines, indent + line];
}

/** Lines with a mark before them; what does not fit goes on below, without one. */
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

/** `left` and `right` are no wider than columnWidth says. */
export function sideBySide(left: Column, right: Column, width: number): string[] {
  const room = columnWidth(width);
  return Array.from({ length: Math.max(left.lines.length, right.lines.length) }, (_, index) => {
    const [one, other] = [left.lines[index] ?? '', right.lines[index] ?? ''];
    const padding = ' '.repeat(Math.max(0, room - [...one].length));
    return `${left.paint(one)}${padding}${GAP}${right.paint(other)}`.trimEnd();
  });
}

export function columnWidth(width: number): number {
  return Math.floor((width - GAP.length) / 2);
}
