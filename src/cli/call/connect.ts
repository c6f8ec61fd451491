/** Connects a run to its server, with everything that the command line and the terminal lend to the client. */
import { type Client, connectHttp, connectStdio, type WireEvent } from '../../client/index.js';
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

/** Rejects with a ClientError, also when the signal aborts. */
export function connect(
  settings: CallSettings,
  { screen, clientInfo, open, signal }: CallIo,
  { watch, stderr }: Hooks,
): Promise<Client> {
  const { invocation, roots, era, revision, headers, timeoutMs, tokens, logLevel, proxy } = settings;
  const { target } = invocation;
  const server = target.kind === 'http' ? target.url.origin : (target.command[0] ?? '');
  const options = {
    ...{ clientInfo, era, revision, headers, timeoutMs, tokens, logLevel, proxy, watch, signal },
    handlers: answerQuestions({ screen, server, roots, open }),
    onNotification: (method: string, params: JsonObject) => showLogMessage(method, params, screen),
    onWarning: (line: string) => screen.say(screen.look.paint('quiet', safeLine(line, 500))),
  };
  if (target.kind === 'http') return connectHttp(target.url, options);
  return connectStdio(target.command, { ...options, stderr });
}

/** Log messages are for the person; what else comes unasked is seen with --show. */
function showLogMessage(method: string, { level, logger, data }: JsonObject, screen: Screen): void {
  if (method !== 'notifications/message') return;
  const from = logger === undefined ? '' : ` ${safeLine(logger, 60)}`;
  screen.say(screen.look.paint('quiet', `[${safeLine(level, 20)}${from}] ${safeLine(data, 1_000)}`));
}
