/** Prints traced exchanges to a terminal: the wire on the left, with a transcript's marks, and notes on the right or below. */
import { visibleText } from '../../pages/visible.js';
import type { Era } from '../../wire/revisions.js';
import { eraOf, type Finding, methodOf, type TracedExchange, totalMs } from './exchange.js';
import { folded } from './fold.js';
import {
  answerLines,
  frameLines,
  headLines,
  type Line,
  messageLines,
  requestLines,
  withoutLastBreaks,
} from './lines.js';
import { findingLines, ms, noteText, stepsOf, verdictLines } from './words.js';

export type Look = {
  /** Characters per line. */
  columns: number;
  color: boolean;
  /** Printed per message; the pages have the rest. */
  maxLines?: number;
  /** The notes that were printed before, which are not repeated. */
  shownNotes?: Set<string>;
  /** Whether lines longer than the terminal are broken between words. */
  folds?: boolean;
};

type Mark = '>' | '<' | '=' | '*';
const MAX_LINES = 200;
const MAX_KINDS = 1_000;
/** A narrower terminal has no room for notes beside the wire. */
const WIDE = 100;

/** A finished exchange without a stream. */
export function exchangeText(exchange: TracedExchange, look: Look): string {
  return [
    ...title(exchange, look),
    ...block('>', requestLines(exchange), look),
    ...block('<', answerLines(exchange), look),
    ...endLines(exchange, look),
  ].join('');
}

export function requestText(exchange: TracedExchange, look: Look): string {
  return block('>', requestLines(exchange), look).join('');
}

export function answerText(exchange: TracedExchange, look: Look): string {
  return block('<', answerLines(exchange), look).join('');
}

/** More of a stream, whose beginning was printed before. */
export function streamText(text: string, era: Era, look: Look): string {
  return block('<', frameLines(withoutLastBreaks(text), era), look).join('');
}

/** A message without a head, as on stdio. */
export function messageText(mark: '>' | '<', text: string, era: Era, look: Look): string {
  return block(mark, messageLines(mark === '>' ? 'request' : 'response', text, era), look).join('');
}

/** The beginning of a stream. */
export function openText(exchange: TracedExchange, look: Look): string {
  return [
    ...title(exchange, look),
    ...block('>', requestLines(exchange), look),
    ...block('<', headLines(exchange), look),
  ].join('');
}

/** Something sent on a stream; other exchanges may have been printed in between. */
export function frameText(exchange: TracedExchange, text: string, atMs: number, look: Look): string {
  return [
    bold(`-- #${exchange.number} continues after ${ms(atMs)}\n`, look),
    streamText(text, eraOf(exchange), look),
  ].join('');
}

export function streamEndText(exchange: TracedExchange, look: Look): string {
  return [bold(`-- #${exchange.number} ends\n`, look), ...endLines(exchange, look)].join('');
}

/** One line, for what comes often or has no protocol in it. */
export function briefText(exchange: TracedExchange, look: Look): string {
  const { number, server, line, answer, verdicts } = exchange;
  const clientId = verdicts.find((verdict) => verdict.clientId !== undefined)?.clientId;
  const by = clientId === undefined ? '' : ` by ${clientId}`;
  const page = answer?.body.isPage === true ? `, a page of ${answer.body.bytes} bytes` : '';
  const about = `${methodOf(exchange) ?? line}${by}: ${answer?.line ?? 'no answer'}${page}`;
  return `${dimmed(`-- #${number}  ${server}  ${clean(about)}, ${ms(totalMs(exchange))}`, look)}\n`;
}

/** Prints a finding: the first of its kind in full, and those that repeat it in one line. */
export function createFindingText(): (finding: Finding, look: Look) => string {
  const printedKinds = new Set<string>();
  return (finding, look) => {
    const kind = JSON.stringify([finding.clause, finding.side, finding.where]);
    const [first = '', ...others] = findingLines(finding);
    if (printedKinds.has(kind)) return `${bold(`! again: ${clean(first)}`, look)}\n`;
    if (printedKinds.size < MAX_KINDS) printedKinds.add(kind);
    return [bold(`! ${clean(first)}`, look), ...others.map((line) => `!   ${clean(line)}`), ''].join('\n');
  };
}

function block(mark: Mark, lines: readonly Line[], look: Look): string[] {
  const { maxLines = MAX_LINES } = look;
  const printedLines = lines.slice(0, maxLines).flatMap((line) => annotated(mark, line, look));
  const more = lines.length - maxLines;
  return more <= 0 ? printedLines : [...printedLines, `* ${more} more lines\n`];
}

function title({ number, time, server, client }: TracedExchange, look: Look): string[] {
  const text = `-- #${number}  ${time.slice(11, 23)}  ${server}  from ${client} `;
  return [bold(`\n${text.padEnd(Math.min(look.columns, 120), '-')}\n`, look)];
}

function endLines(exchange: TracedExchange, look: Look): string[] {
  const steps = stepsOf(exchange)
    .slice(1)
    .map(({ name, tookMs }) => `${name} +${ms(tookMs)}`);
  const lossLines = exchange.state === 'lost' ? ['the client left before the answer was sent'] : [];
  const took = `took ${ms(totalMs(exchange))}: ${steps.join(', ')}`;
  return [...exchange.verdicts.flatMap(verdictLines), ...lossLines, took].flatMap((text) =>
    annotated('=', [{ text }], look),
  );
}

function annotated(mark: Mark, line: Line, look: Look): string[] {
  const text = `${mark} ${clean(line.map((part) => part.text).join(''))}`.trimEnd();
  const notes = newNotes(line, look);
  const printedText = (look.folds === true ? folded(text, look.columns) : [text])
    .map((one) => (line[0]?.kind === 'aside' || mark === '=' ? dimmed(one, look) : one))
    .join('\n');
  if (notes.length === 0) return [`${printedText}\n`];
  if (look.columns < WIDE) {
    return [`${printedText}\n`, ...notes.flatMap((note) => below(note, 6, look))];
  }
  const left = Math.min(72, Math.floor(look.columns / 2));
  const [first = '', ...others] = notes.flatMap((note) => wrappedNote(note, look.columns - left - 2));
  const gap = ' '.repeat(left + 2);
  // A line that is too long for its side stands alone.
  const head =
    text.length <= left
      ? `${printedText}${' '.repeat(left + 2 - text.length)}${dimmed(first, look)}\n`
      : `${printedText}\n${gap}${dimmed(first, look)}\n`;
  return [head, ...others.map((more) => `${gap}${dimmed(more, look)}\n`)];
}

function newNotes(line: Line, { shownNotes }: Look): string[] {
  const notes = line.flatMap(({ note }) => (note === undefined ? [] : [noteText(note)]));
  const fresh = notes.filter((note) => shownNotes?.has(note) !== true);
  for (const note of fresh) shownNotes?.add(note);
  return fresh;
}

function below(note: string, indent: number, look: Look): string[] {
  return wrappedNote(note, Math.max(30, look.columns - indent)).map(
    (text) => `${' '.repeat(indent)}${dimmed(text, look)}\n`,
  );
}

/** There are a few hundred notes, and each exchange has the same ones. */
const wrappedNotes = new Map<string, readonly string[]>();

function wrappedNote(text: string, width: number): readonly string[] {
  const key = `${width} ${text}`;
  const cachedLines = wrappedNotes.get(key);
  if (cachedLines !== undefined) return cachedLines;
  if (wrappedNotes.size >= MAX_KINDS) wrappedNotes.clear();
  const lines = wrapped(text, width);
  wrappedNotes.set(key, lines);
  return lines;
}

function wrapped(text: string, width: number): string[] {
  const lines: string[] = [];
  const [what = '', ...clauses] = text.split(' · ');
  // A clause is never broken.
  for (const word of [...what.split(' '), ...clauses.map((clause) => `· ${clause}`)]) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + 1 + word.length <= width)
      lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word);
  }
  return lines;
}

/** A client's text must not move the cursor or reverse the line. */
function clean(text: string): string {
  return visibleText(text.replaceAll('\n', ' ').replaceAll('\r', ' '));
}

function bold(text: string, { color }: Look): string {
  return color ? `\u001b[1m${text}\u001b[0m` : text;
}

function dimmed(text: string, { color }: Look): string {
  return color ? `\u001b[2m${text}\u001b[0m` : text;
}
