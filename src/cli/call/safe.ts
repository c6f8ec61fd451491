/** Text of a server for a terminal: it must not move the cursor, change colors or hide anything. A pipe gets it as it came. */
import { visibleText } from '../../pages/visible.js';
import { shorten } from '../../wire/value.js';

/** Keeps its lines. */
export function safeText(text: string): string {
  return visibleText(text.replaceAll('\r\n', '\n'));
}

/** On one line, at most `most` characters. */
export function safeLine(value: unknown, most = 200): string {
  if (value === undefined || value === null) return '';
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  return visibleText(shorten(text.replace(/\s+/g, ' ').trim(), most));
}
