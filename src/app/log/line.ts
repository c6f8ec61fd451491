/**
 * One event as one line: JSON for programs, or text for a person at a terminal. Nothing here may show a token, a secret or an
 * argument: the texts of errors are redacted as in the audit log, and whatever they repeat of a call's arguments is masked.
 */
import { styleText } from 'node:util';
import { redactSecrets } from '../../governance/policy/redact.js';
import { escapeOf, replaceUnseen } from '../../pages/unseen.js';
import { EVENTS, type EventName, type LogContext } from '../../wire/log.js';
import { kindOf, preview, shorten } from '../../wire/value.js';

export type Line = {
  time: Date;
  event: EventName;
  error: unknown;
  context: LogContext;
  /** How many lines like this one were left out since the last. */
  leftOut: number;
  stack: boolean;
};

/** Of the text of an error, before it is redacted. */
const MAX_READ = 64_000;
const MAX_CAUSES = 10;
const MAX_MESSAGE = 2_000;
const MAX_STACK = 8_000;
const MAX_FIELD = 500;

/** In the order of the lines. Undefined members are left out. */
function fieldsOf({ context, leftOut }: Line, refusal: string | undefined) {
  const { server, tenant, user, client, method, tool, callId, traceId, durationMs, about } = context;
  const fields = { server, tenant, user, client, method, tool, callId, traceId, refusal, durationMs, about };
  return Object.entries({ ...fields, leftOut: leftOut || undefined }).flatMap(([name, value]) =>
    value === undefined
      ? []
      : [[name, typeof value === 'string' ? shorten(value, MAX_FIELD) : value] as const],
  );
}

export function jsonLine(line: Line): string {
  const { time, event } = line;
  const { message, refusal, stack } = textsOf(line);
  const head = { time: time.toISOString(), level: EVENTS[event].level, event, message };
  return JSON.stringify({ ...head, ...Object.fromEntries(fieldsOf(line, refusal)), stack });
}

const COLORS = { error: 'red', warn: 'yellow', info: 'cyan', debug: 'gray' } as const;

/** `10:22:01.123 warn  auth.token-refused: …`, then the fields, then the stack on lines of its own. */
export function textLine(line: Line, colored: boolean): string {
  const { time, event } = line;
  const { level } = EVENTS[event];
  const { message, refusal, stack } = textsOf(line);
  const fields = fieldsOf(line, refusal).map(([name, value]) => ` ${name}=${value}`);
  const paintedLevel = colored ? styleText(COLORS[level], level.padEnd(5)) : level.padEnd(5);
  const frames = stack?.replace(/^(?!\s*at )[^\n]*\n/, '').trimEnd();
  const rest = `${event}: ${message}${fields.length > 0 ? ' ·' : ''}${fields.join('')}`;
  const head = `${time.toISOString().slice(11, 23)} ${paintedLevel} ${visible(rest)}`;
  return frames === undefined ? head : `${head}\n${frames.split('\n').map(visible).join('\n')}`;
}

/** Without what would move the cursor, colour the terminal or turn the writing direction. */
const visible = (text: string): string => replaceUnseen(text, escapeOf);

/** What may repeat arguments, masked and redacted. */
function textsOf({ event, error, context, stack }: Line) {
  const hide = maskOf(context.args);
  const publicText = (long: string, most: number): string =>
    shorten(redactSecrets(shorten(hide(long), MAX_READ)), most);
  const { text } = EVENTS[event];
  const message = error === undefined ? text : `${text}: ${publicText(reasons(error), MAX_MESSAGE)}`;
  return {
    message,
    refusal: context.refusal === undefined ? undefined : publicText(context.refusal, MAX_FIELD),
    stack: stack && error instanceof Error && error.stack ? publicText(error.stack, MAX_STACK) : undefined,
  };
}

/** The messages of an error and its causes. A tool may throw anything, also an object without toString, or an error that causes itself. */
function reasons(error: unknown, most = MAX_CAUSES): string {
  if (typeof error === 'object' && !(error instanceof Error)) return `${kindOf(error)} in place of an Error`;
  if (!(error instanceof Error)) return String(error);
  const message = String(error.message || ('code' in error ? error.code : error.name));
  return error.cause === undefined || most === 0 ? message : `${message}: ${reasons(error.cause, most - 1)}`;
}

/**
 * Shorter ones are masked only where they stand as words. They are parts of so many other words that no sentence would be left, and what
 * is left would show what was masked.
 */
const MIN_PART = 4;
const MAX_ARGUMENTS = 1_000;
const WORD = /[\p{L}\p{N}]+/gu;

type Arguments = { long: Set<string>; words: Set<string> };

/**
 * Replaces each argument that a text repeats by a marker. A longer one goes first, because it may contain a shorter one. A text that takes
 * too long to search, or with too many arguments to look for, is hidden as a whole.
 */
function maskOf(args: unknown): (text: string) => string {
  const { long, words } = collectTexts(args, { long: new Set(), words: new Set() });
  const texts = [...long].sort((one, other) => other.length - one.length);
  return (text) => {
    if (texts.length >= MAX_ARGUMENTS || (texts.length > 0 && text.length > MAX_READ))
      return '[hidden: it may repeat arguments]';
    const masked = texts.reduce((before, one) => before.replaceAll(one, '[argument]'), text);
    return words.size === 0
      ? masked
      : masked.replace(WORD, (word) => (words.has(word) ? '[argument]' : word));
  };
}

/** The texts and numbers of a value, as they are, as JSON has them, and cut as messages about them are. */
function collectTexts(value: unknown, texts: Arguments): Arguments {
  // A boolean says nothing about anybody.
  if (texts.long.size >= MAX_ARGUMENTS || value === null || value === undefined || typeof value === 'boolean')
    return texts;
  if (typeof value === 'object') for (const part of Object.values(value)) collectTexts(part, texts);
  else if (String(value).length < MIN_PART)
    for (const [word] of String(value).matchAll(WORD)) texts.words.add(word);
  else
    for (const text of [String(value), JSON.stringify(value).replace(/^"|"$/g, ''), preview(value)])
      texts.long.add(text);
  return texts;
}
