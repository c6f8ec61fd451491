/** Connects a run to its server: in the era and revision that were asked for, and no longer than the person wants to wait. */
import { type Client, connectHttp, connectStdio, type WireEvent } from '../../wire/client/index.js';
import type { JsonObject } from '../../wire/value.js';
import { answerQuestions } from './questions.js';
import { safeLine } from './safe.js';
import type { Screen } from './screen.js';
import type { CallIo, CallSettings } from './settings.js';

export type Hooks = {
  watch: ((event: WireEvent) => void) | undefined;
  /** Gets what a server on stdio says on stderr. */
  stderr(line: string): void;
};

/** Rejects with a ClientError, or with the reason of the signal. */
export function connect(settings: CallSettings, io: CallIo, hooks: Hooks): Promise<Client> {
  return orAborted(open(settings, io, hooks), io.signal);
}

function open(
  settings: CallSettings,
  { screen, clientInfo, open: openPage }: CallIo,
  { watch, stderr }: Hooks,
): Promise<Client> {
  const { invocation, roots, era, revision, headers, timeoutMs, tokens, logLevel, proxy } = settings;
  const { target } = invocation;
  const server = target.kind === 'http' ? target.url.origin : (target.command[0] ?? '');
  const options = {
    ...{ clientInfo, era, revision, headers, timeoutMs, tokens, logLevel, proxy, watch },
    handlers: answerQuestions({ screen, server, roots, open: openPage }),
    onNotification: (method: string, params: JsonObject) => notified(method, params, screen),
    onWarning: (line: string) => screen.say(screen.look.paint('quiet', safeLine(line, 500))),
  };
  if (target.kind === 'http') return connectHttp(target.url, options);
  return connectStdio(target.command, { ...options, stderr });
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

/** Log messages are for the person; what else comes unasked is seen with --show. */
function notified(method: string, { level, logger, data }: JsonObject, screen: Screen): void {
  if (method !== 'notifications/message') return;
  const from = logger === undefined ? '' : ` ${safeLine(logger, 60)}`;
  screen.say(screen.look.paint('quiet', `[${safeLine(level, 20)}${from}] ${safeLine(data, 1_000)}`));
}
