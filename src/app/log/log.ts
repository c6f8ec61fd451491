/**
 * The log of this process: stderr, one line per event. In ten seconds, only the first few lines of a kind are written, so that a lasting
 * problem or a flood of bad requests cannot fill a disk; the next line says how many were left out.
 *
 * No logging library: pino or LogTape would replace three lines of this, and take 7 % or 5 % of the time until a server is ready.
 */
import { now } from '../../wire/clock.js';
import { EVENTS, type EventName, type LogContext, type OnError } from '../../wire/log.js';
import { shorten } from '../../wire/value.js';
import type { Config } from '../settings/config.js';
import { countEvent } from './event-counts.js';
import { hasStack, type LogLevels, loggedEvents } from './levels.js';
import { jsonLine, textLine } from './line.js';

const PERIOD_MS = 10_000;
/** A problem that lasts is the same each time; of some events each one is news. */
const MAX_ALIKE = { each: 5, lasting: 1 };
/** Of one event, whatever it is about, because that may come from outside. */
const MAX_OF_EVENT = 100;
/** How many kinds of line are remembered, and how long the name of one is. */
const MAX_KINDS = 1_000;
const MAX_NAME = 1_000;

export type LogOptions = {
  write: (line: string) => void;
  clock: () => Date;
  levels: LogLevels;
  format: 'json' | 'text';
  colored: boolean;
};

export type Log = {
  /** Writes one event, with an error or a sentence. */
  readonly report: OnError;
  /** For what costs time to collect. */
  isLogged(event: EventName): boolean;
};

export function createLog(options: LogOptions): Log & { configure(newOptions: Partial<LogOptions>): void } {
  let settings = options;
  let loggedNames = loggedEvents(options.levels);
  const admit = createThrottle(() => settings.clock().getTime());
  return {
    report(error, event, context = {}) {
      countEvent(event);
      const { write, clock, levels, format, colored } = settings;
      if (!loggedNames.has(event)) return;
      const leftOut = EVENTS[event].level === 'debug' ? 0 : admit(event, context);
      if (leftOut === undefined) return;
      const stack = hasStack(event, levels);
      const line = { time: clock(), event, error, context, leftOut, stack };
      write(format === 'json' ? jsonLine(line) : textLine(line, colored));
    },
    isLogged: (event) => loggedNames.has(event),
    configure(newOptions) {
      settings = { ...settings, ...newOptions };
      loggedNames = loggedEvents(settings.levels);
    },
  };
}

type Periods = Map<string, { since: number; lines: number; leftOut: number }>;

/** Returns how many lines of this kind, or beyond the limit of the event, were left out since the last; undefined for a line to leave out. */
function createThrottle(time: () => number) {
  const kinds: Periods = new Map();
  const events: Periods = new Map();

  function take(periods: Periods, name: string, most: number): number | undefined {
    const at = time();
    const period = periods.get(name);
    if (period === undefined || Math.abs(at - period.since) >= PERIOD_MS) {
      if (periods.size >= MAX_KINDS) periods.clear();
      periods.set(name, { since: at, lines: 1, leftOut: 0 });
      return period?.leftOut ?? 0;
    }
    period.lines += 1;
    if (period.lines <= most) return 0;
    period.leftOut += 1;
    return undefined;
  }

  return (event: EventName, { server, tenant, tool, refusal, about }: LogContext): number | undefined => {
    const most = 'each' in EVENTS[event] ? MAX_ALIKE.each : MAX_ALIKE.lasting;
    const kind = shorten(JSON.stringify([event, server, tenant, tool, refusal, about]), MAX_NAME);
    const ofKind = take(kinds, kind, most);
    const ofEvent = ofKind === undefined ? undefined : take(events, event, MAX_OF_EVENT);
    return ofKind === undefined || ofEvent === undefined ? undefined : ofKind + ofEvent;
  };
}

/** By `console.error`, which the walkthrough captures. */
const log = createLog({
  write: (line) => console.error(line),
  clock: now,
  levels: { general: 'info', areas: new Map() },
  format: process.stderr.isTTY ? 'text' : 'json',
  colored: process.stderr.isTTY && !process.env.NO_COLOR,
});

export const { report } = log;
export const isEventLogged = log.isLogged;

export function configureLog({ logLevel, logFormat }: Pick<Config, 'logLevel' | 'logFormat'>): void {
  log.configure({ levels: logLevel, ...(logFormat === undefined ? {} : { format: logFormat }) });
}
