/** The blocks of a page, and whether an answer is what the page shows. `…` in a page matches anything. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { isRecord } from '../../src/wire/value.js';
import { ROOT } from './process.js';

export type Block = { language: string; text: string; line: number };
/** The command that checks a reader's exercise. */
export const EXERCISE = /^npm run walkthrough -- --check [\w-]+\n$/;
export function blocksOf(chapter: string): Block[] {
  return blocksIn(`spec-fixtures/${chapter}/README.md`);
}

/** The fenced blocks of a page, and the indented ones that begin with a command. */
export function blocksIn(path: string): Block[] {
  const page = readFileSync(join(ROOT, path), 'utf8');
  const blocks = /^```(\w+)\n(.*?)^```$|(?<=\n\n)((?: {4}[^\n]*\n)+)/gms;
  return [...page.matchAll(blocks)].flatMap(({ 1: language = 'sh', 2: fenced, 3: indented = '', index }) => {
    const text = fenced ?? indented.replace(/^ {4}/gm, '');
    if (fenced === undefined && !/^(?:npm|npx|node|curl|echo) /.test(text)) return [];
    return [{ language, text, line: page.slice(0, index).split('\n').length }];
  });
}

/** Text with `…` for anything. */
function fits(shown: string, came: string): boolean {
  const source = shown.split('…').map((part) => part.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&'));
  return new RegExp(`^${source.join('[\\s\\S]*?')}$`).test(came);
}

/** The first difference, as a path and both values; undefined if the answer is as shown. */
function difference(shown: unknown, came: unknown, path = ''): string | undefined {
  if (typeof shown === 'string' && typeof came === 'string')
    return fits(shown, came) ? undefined : `${path}: shown ${shown}, came ${came}`;
  if (Array.isArray(shown) && Array.isArray(came) && shown.length === came.length)
    return shown
      .map((one, at) => difference(one, came[at], `${path}/${at}`))
      .find((one) => one !== undefined);
  if (isRecord(shown) && isRecord(came)) {
    const names = [...new Set([...Object.keys(shown), ...Object.keys(came)])];
    return names
      .map((name) => difference(shown[name], came[name], `${path}/${name}`))
      .find((one) => one !== undefined);
  }
  return JSON.stringify(shown) === JSON.stringify(came)
    ? undefined
    : `${path}: shown ${JSON.stringify(shown)}, came ${JSON.stringify(came)}`;
}

export function compare({ language, text }: Block, came: string): string | undefined {
  if (language === 'json') return difference(JSON.parse(text), JSON.parse(came));
  const lines = (one: string): string[] => one.replaceAll('\r', '').trimEnd().split('\n');
  const [shown, answered] = [lines(text), lines(came)];
  // Of a response only the headers that the page mentions are compared; they have to contain what it shows.
  // Its length follows from the length of the addresses in it.
  const told = shown.filter((line) => !/^content-length:/i.test(line));
  const missing = told.find((line) => !answered.some((one) => fits(line, one)));
  return missing === undefined ? undefined : `shown ${missing}\ncame ${answered.join('\n')}`;
}
