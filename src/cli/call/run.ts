/** One run of `call` or `list`: connects, does what was asked, and says what went wrong. */
import { type Client, connectHttp, connectStdio } from '../../wire/client/client.js';
import type { WireEvent } from '../../wire/client/ports.js';
import type { JsonObject } from '../../wire/value.js';
import { perform } from './actions.js';
import { printCurl } from './curl-lines.js';
import { ExchangeReader } from './exchange-reader.js';
import { failureOf } from './failures.js';
import { WrongUsage } from './invocation.js';
import { answerQuestions } from './questions.js';
import { safeLine } from './safe.js';
import type { Screen } from './screen.js';
import type { CallIo, CallSettings, Performing } from './settings.js';
import { showExchanges, showLines } from './show.js';

/** What a server on stdio said last, in case it is why there is no connection. */
const MAX_STDERR_LINES = 10;

/** Resolves with the exit code. */
export async function runCall(settings: CallSettings, io: CallIo): Promise<number> {
  const { invocation, givenToken } = settings;
  const { screen } = io;
  const log = openLog(settings, io);
  const stderr: string[] = [];
  let client: Client | undefined;
  const onNotification = (method: string, params: JsonObject): void =>
    notified(method, params, screen, performing);
  let performing: Performing | undefined;
  try {
    if (settings.curl && invocation.target.kind === 'stdio')
      throw new WrongUsage('--curl: expected a server at a URL, received a command');
    client = await orAborted(connect(settings, io, { watch: log.watch, onNotification, stderr }), io.signal);
    performing = { ...settings, client, io };
    return await perform(invocation.action, performing);
  } catch (error) {
    log.close();
    const interrupted = io.signal.aborted;
    if (client === undefined && !interrupted)
      for (const line of stderr)
        screen.say(screen.look.paint('quiet', `  the server says: ${safeLine(line, 500)}`));
    const { code, lines } = failureOf(error, { interrupted, givenToken, look: screen.look });
    for (const line of lines) screen.say(line);
    return code;
  } finally {
    await client?.close().catch(() => {});
    log.close();
    screen.close();
  }
}

type Hooks = {
  watch: ((event: WireEvent) => void) | undefined;
  onNotification: (method: string, params: JsonObject) => void;
  stderr: string[];
};

function connect(
  settings: CallSettings,
  io: CallIo,
  { watch, onNotification, stderr }: Hooks,
): Promise<Client> {
  const { invocation, revision, headers, timeoutMs, roots, tokens, show } = settings;
  const { target } = invocation;
  const { screen } = io;
  const server = target.kind === 'http' ? target.url.origin : (target.command[0] ?? '');
  const handlers = answerQuestions({ screen, server, roots, open: io.open });
  const { clientInfo } = io;
  const options = { clientInfo, revision, headers, timeoutMs, tokens, handlers, watch, onNotification };
  if (target.kind === 'http') return connectHttp(target.url, options);
  return connectStdio(target.command, {
    ...options,
    stderr(line) {
      stderr.push(line);
      if (stderr.length > MAX_STDERR_LINES) stderr.shift();
      if (show) screen.say(screen.look.paint('quiet', `stderr: ${safeLine(line, 500)}`));
    },
  });
}

/** A connection that comes too late is closed again. */
async function orAborted(connecting: Promise<Client>, signal: AbortSignal): Promise<Client> {
  const aborted = new Promise<never>((_, reject) => {
    const stop = (): void => reject(signal.reason);
    if (signal.aborted) stop();
    else signal.addEventListener('abort', stop, { once: true });
  });
  try {
    return await Promise.race([connecting, aborted]);
  } catch (error) {
    connecting.then((late) => late.close()).catch(() => {});
    throw error;
  }
}

function notified(
  method: string,
  params: JsonObject,
  screen: Screen,
  performing: Performing | undefined,
): void {
  if (method === 'notifications/message') {
    const { level, logger, data } = params;
    const from = logger === undefined ? '' : ` ${safeLine(logger, 60)}`;
    screen.say(screen.look.paint('quiet', `[${safeLine(level, 20)}${from}] ${safeLine(data, 1_000)}`));
  } else if (method.startsWith('notifications/tasks')) performing?.onTask?.(params);
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
    answered: (seen) => {
      for (const listener of listeners) listener.answered(seen);
    },
    streamed: (seen, text) => {
      for (const listener of listeners) listener.streamed?.(seen, text);
    },
    ended: (seen, how) => {
      for (const listener of listeners) listener.ended?.(seen, how);
    },
  });
  return { watch: (event) => reader.take(event), close: () => reader.close() };
}
