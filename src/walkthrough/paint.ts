/** Colors by meaning, so that a caller says what a thing is, not how it looks. */

const CODES = { title: 1, quiet: 2, sent: 36, came: 32, decided: 33, wrong: 31 } as const;

export type Style = keyof typeof CODES;
export type Paint = (style: Style, text: string) => string;

export const plain: Paint = (_, text) => text;
export const coloured: Paint = (style, text) => (text === '' ? '' : `\x1b[${CODES[style]}m${text}\x1b[0m`);
