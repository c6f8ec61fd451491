/**
 * A server that follows the registry's switches. It asks every two seconds which of its tools are off, and keeps the last answer
 * on disk for starts while the registry is unreachable. A failed write is retried until the answer is on disk. Unusable kept
 * state, and a registry that does not know the server, are reported; see `usable` and `current`.
 */

import { canonicalResource } from '../../../oauth/audience.js';
import { isLoopback, readResource } from '../../../oauth/protected-resource.js';
import { preview } from '../../../wire/value.js';
import { fetchSwitches } from './fetch-switches.js';
import { isThere, readStoredSwitches, type ServerSwitches, storeSwitches } from './stored-switches.js';

export type FollowOptions = {
  /** Of the registry. */
  registry: string;
  /** By which the registry knows this server: the URL of its MCP endpoint. */
  url: string;
  /** Where the last answer is kept. */
  file: string;
  apply: (switches: ServerSwitches) => void;
  onError: (error: unknown, about: string) => void;
  /** Called with a line for the operator, once per change of state. */
  notice: (line: string) => void;
  clock: () => Date;
};

export type Follower = {
  /** Whether the registry has answered within the last ten seconds. */
  readonly current: boolean;
  /** False while the kept answer is unusable and the registry has not answered since: then nobody knows what is off. */
  readonly usable: boolean;
  /** Asks at once. */
  look(): Promise<void>;
  close(): void;
};

const POLL_MS = 2_000;
/** How long a newly added server may stay unknown. */
const SOON_MS = 250;
const SOON_LOOKS = 8;
const CURRENT_MS = 10_000;
const FIRST_RETRY_MS = 1_000;
const LAST_RETRY_MS = 60_000;

/** @throws Error with a one-line message when the registry cannot know the server by that URL, or cannot be reached from here */
export function checkFollowable(registry: string, url: string): void {
  let at: URL;
  try {
    at = readResource(registry);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new Error(`--registry-url: ${reason}, received ${preview(registry)}`, { cause: error });
  }
  if (at.pathname !== '/')
    throw new Error(
      `--registry-url: expected the origin of a registry, which is served at no path, received ${preview(registry)}`,
    );
  if (canonicalResource(url) === undefined)
    throw new Error(`a registry knows a server by the URL of its MCP endpoint, received ${preview(url)}`);
  if (!isLoopback(at.hostname) && isLoopback(new URL(url).hostname))
    throw new Error(
      `--registry-url ${registry}: the registry is on another machine and cannot know this server as ${url}; give its public URL with --readonly-url or --destructive-url`,
    );
}

/** Resolves once the kept answer is applied, and starts asking the registry. @throws Error as checkFollowable */
export async function follow(options: FollowOptions): Promise<Follower> {
  const { registry, url, file, apply, onError, notice, clock } = options;
  checkFollowable(registry, url);
  const address = new URL(`/api/switches?${new URLSearchParams({ url })}`, registry);
  const kept = await readStoredSwitches(file, url);
  let last = kept.kind === 'kept' ? kept.switches : undefined;
  let onDisk = last && JSON.stringify(last);
  let usable = !('problem' in kept);
  let etag: string | undefined;
  let answeredAt = 0;
  /** Consecutive answers that the server is unknown. */
  let unknowns = 0;
  let retryMs = FIRST_RETRY_MS;
  let retryAt = 0;
  let closed = false;
  if (last !== undefined) apply(last);
  let told = false;
  if (kept.kind === 'damaged') tellUnusable(kept.problem);

  function tellUnusable(problem: string): void {
    told = true;
    notice(`${problem}; until the registry at ${registry} answers, every call of ${url} is refused`);
  }

  async function ask(): Promise<void> {
    const answer = await fetchSwitches(address, etag);
    if (closed) return;
    if (answer.kind === 'unknown') return isUnknown();
    isKnown();
    if (answer.kind === 'unchanged') return;
    etag = answer.etag;
    if (JSON.stringify(answer.switches) === JSON.stringify(last)) return;
    last = answer.switches;
    apply(last);
  }

  /** The registry does not know the server, or no longer: tools that were off stay off. */
  function isUnknown(): void {
    etag = undefined;
    answeredAt = 0;
    unknowns += 1;
    // The first such answer may come before the registry in the same process has added the server.
    if (unknowns !== 2) return;
    const what = last === undefined ? 'nothing is switched off' : 'what it said last holds';
    notice(
      `the registry at ${registry} does not know ${url}, so none of its switches reach this server, and ${what}: add the server there by exactly that URL`,
    );
  }

  function isKnown(): void {
    if (unknowns > 1) notice(`the registry at ${registry} knows ${url}: its switches are followed`);
    if (!usable && told) notice(`the registry at ${registry} has answered: calls of ${url} are served again`);
    unknowns = 0;
    usable = true;
    answeredAt = clock().getTime();
  }

  /** Writes the last answer to disk; if that fails, a later turn writes it. */
  async function write(): Promise<void> {
    if (last === undefined) return;
    const text = JSON.stringify(last);
    if (text === onDisk && (await isThere(file))) return;
    const waitMs = retryAt - clock().getTime();
    // Longer than any pause: the clock was set back.
    if (waitMs > 0 && waitMs <= LAST_RETRY_MS) return;
    try {
      await storeSwitches(file, url, last);
      onDisk = text;
      [retryMs, retryAt] = [FIRST_RETRY_MS, 0];
    } catch (cause) {
      retryAt = clock().getTime() + retryMs;
      retryMs = Math.min(2 * retryMs, LAST_RETRY_MS);
      onError(
        new Error('the switches of the registry cannot be written to disk; the next turn tries again', {
          cause,
        }),
        file,
      );
    }
  }

  async function turn(): Promise<void> {
    try {
      await ask();
    } catch (error) {
      if (!closed) onError(error, 'registry');
    }
    if (closed) return;
    if (answeredAt === 0 && !told) tellUnanswered();
    await write();
  }

  /** A file from before the URL changed does no harm when the registry answers at once. */
  function tellUnanswered(): void {
    if ('problem' in kept) {
      tellUnusable(kept.problem);
    } else if (last === undefined && unknowns === 0) {
      told = true;
      notice(
        `the registry at ${registry} does not answer, and ${file} holds no answer of before: no tool of ${url} is switched off`,
      );
    }
  }

  let turning: Promise<void> | undefined;
  const look = (): Promise<void> => {
    turning ??= turn().finally(() => {
      turning = undefined;
    });
    return turning;
  };
  let timer: NodeJS.Timeout | undefined;
  const plan = (): void => {
    if (closed) return;
    const isSoon = unknowns > 0 && unknowns < SOON_LOOKS;
    timer = setTimeout(() => void look().then(plan), isSoon ? SOON_MS : POLL_MS).unref();
  };
  plan();
  return {
    get current() {
      // A clock that was set back must not make an old answer a new one.
      return Math.abs(clock().getTime() - answeredAt) < CURRENT_MS;
    },
    get usable() {
      return usable;
    },
    look,
    close() {
      closed = true;
      clearTimeout(timer);
    },
  };
}
