/** One run of `call` or `list`: connects, does what was asked, and says what went wrong. */
import type { Client, WireEvent } from '../../client/index.js';
import { runAction } from './actions.js';
import { connect } from './connect.js';
import { printCurl } from './curl-lines.js';
import { ExchangeReader } from './exchange-reader.js';
import { failureOf } from './failures.js';
import { safeLine } from './safe.js';
import type { CallIo, CallSettings } from './settings.js';
import { showExchanges, showLines } from './show.js';

/** What a server on stdio said last, in case it is why there is no connection. */
const MAX_STDERR_LINES = 10;

/** Resolves with the exit code. */
export async function runCall(settings: CallSettings, io: CallIo): Promise<number> {
  const { invocation, givenToken, show } = settings;
  const { screen } = io;
  const quiet = (text: string): void => screen.say(screen.look.paint('quiet', text));
  const log = openLog(settings, io);
  const last: string[] = [];
  const stderr = (line: string): void => {
    if (show) quiet(`stderr: ${safeLine(line, 500)}`);
    else if (last.push(line) > MAX_STDERR_LINES) last.shift();
  };
  let client: Client | undefined;
  try {
    client = await connect(settings, io, { watch: log.watch, stderr });
    return await runAction(invocation.action, { ...settings, client, io });
  } catch (error) {
    log.close();
    const interrupted = io.signal.aborted;
    if (client === undefined && !interrupted)
      for (const line of last) quiet(`stderr: ${safeLine(line, 500)}`);
    const { code, lines } = failureOf(error, { interrupted, givenToken, look: screen.look });
    for (const line of lines) screen.say(line);
    return code;
  } finally {
    await client?.close().catch(() => {});
    log.close();
    screen.close();
  }
}

type Log = { watch: ((event: WireEvent) => void) | undefined; close(): void };

function openLog({ show, curl, invocation, headers }: CallSettings, { screen, now }: CallIo): Log {
  if (!show && !curl) return { watch: undefined, close() {} };
  const print = (text: string): void => screen.say(text.replace(/\n$/, ''));
  const { target } = invocation;
  if (target.kind === 'stdio') return { watch: showLines(screen.look, print), close() {} };
  const listeners = [
    ...(show ? [showExchanges(screen.look, print)] : []),
    ...(curl ? [printCurl(target.url, headers, print)] : []),
  ];
  const reader = new ExchangeReader(target.url.host, now, {
    onAnswer: (report) => {
      for (const listener of listeners) listener.onAnswer(report);
    },
    onEvents: (report, text) => {
      for (const listener of listeners) listener.onEvents?.(report, text);
    },
    onEnd: (report, how) => {
      for (const listener of listeners) listener.onEnd?.(report, how);
    },
  });
  return { watch: (event) => reader.take(event), close: () => reader.close() };
}
