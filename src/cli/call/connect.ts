/** Connects a run to its server: in the era and revision that were asked for, and no longer than the person wants to wait. */
import {
  type Client,
  ClientError,
  connectHttp,
  connectStdio,
  type WireEvent,
} from '../../wire/client/index.js';
import { features, MODERN, type Revision, SUPPORTED } from '../../wire/revisions.js';
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
export async function connect(settings: CallSettings, io: CallIo, hooks: Hooks): Promise<Client> {
  const [first, ...others] = revisionsOf(settings);
  let connecting = orAborted(open(first, settings, io, hooks), io.signal);
  for (const revision of others) {
    const before = connecting;
    connecting = before.catch((error: unknown) => {
      if (!(error instanceof ClientError) || error.kind !== 'version') throw error;
      return orAborted(open(revision, settings, io, hooks), io.signal);
    });
  }
  return connecting;
}

/** What to try, one after the other. Undefined leaves it to the client, which tries both eras. */
function revisionsOf({ era, revision }: CallSettings): readonly (Revision | undefined)[] {
  if (revision !== undefined || era === undefined) return [revision];
  return era === 'modern' ? [MODERN] : SUPPORTED.filter((one) => features(one).era === 'legacy');
}

function open(
  revision: Revision | undefined,
  settings: CallSettings,
  { screen, clientInfo, open: openPage }: CallIo,
  { watch, stderr }: Hooks,
): Promise<Client> {
  const { invocation, roots, headers, timeoutMs, tokens, logLevel, proxy } = settings;
  const { target } = invocation;
  const server = target.kind === 'http' ? target.url.origin : (target.command[0] ?? '');
  const options = {
    ...{ clientInfo, revision, headers, timeoutMs, tokens, logLevel, proxy, watch },
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
