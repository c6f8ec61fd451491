/**
 * Follows the registry's switches: asks every two seconds which tools of this server are off, and stores the last answer on
 * disk for a start while the registry cannot be reached. The operator learns of an unusable file, and of a registry that does
 * not know the server.
 */
import { canonicalResource } from '../../../oauth/audience.js';
import { isLoopback, readResource } from '../../../oauth/protected-resource.js';
import type { OnError } from '../../../wire/log.js';
import { preview } from '../../../wire/value.js';
import { fetchSwitches } from './fetch-switches.js';
import { readStoredSwitches, type ServerSwitches, SwitchesOnDisk } from './stored-switches.js';

export type FollowOptions = {
  /** The registry's URL. */
  registry: string;
  /** The URL of this server's MCP endpoint, under which the registry knows it. */
  url: string;
  /** Where the last answer is stored. */
  file: string;
  apply: (switches: ServerSwitches) => void;
  onError: OnError;
  clock: () => Date;
};

export type Follower = {
  /** Whether the registry has answered within the last ten seconds. */
  readonly current: boolean;
  /** False while the stored answer is unusable and the registry has not answered: nobody knows what is off. */
  usable: boolean;
  /** Asks now. */
  look(): Promise<void>;
  /** Asks no more. Resolves once what holds now is on disk, or cannot be written. */
  close(): Promise<void>;
};

const POLL_MS = 2_000;
/** The registry may be about to add this server, so it is asked more often at first. */
const UNKNOWN_POLL_MS = 250;
const UNKNOWN_POLLS = 8;
const CURRENT_MS = 10_000;

/** @throws Error with a one-line message when the registry cannot know the server by that URL */
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

/** Resolves once the stored answer is applied; then asks the registry. @throws Error as checkFollowable */
export async function follow(options: FollowOptions): Promise<Follower> {
  const { registry, url, file, apply, onError, clock } = options;
  checkFollowable(registry, url);
  const address = new URL(`/api/switches?${new URLSearchParams({ url })}`, registry);
  const storedSwitches = await readStoredSwitches(file, url);
  let last = storedSwitches.kind === 'kept' ? storedSwitches.switches : undefined;
  const disk = new SwitchesOnDisk(file, url, last, onError, clock);
  let etag: string | undefined;
  let answeredAt = 0;
  /** Consecutive answers that the server is unknown. */
  let unknowns = 0;
  let closed = false;
  if (last !== undefined) apply(last);
  let warned = false;
  if (storedSwitches.kind === 'damaged') warnUnusable(storedSwitches.problem);

  function warnUnusable(problem: string): void {
    warned = true;
    const consequence = `until the registry at ${registry} answers, every call of ${url} is refused`;
    onError(`${problem}; ${consequence}`, 'switches.unusable', { about: url });
  }

  async function ask(): Promise<void> {
    const answer = await fetchSwitches(address, etag);
    if (closed) return;
    if (answer.kind === 'unknown') return noteUnknown();
    noteKnown();
    if (answer.kind === 'unchanged') return;
    etag = answer.etag;
    if (JSON.stringify(answer.switches) === JSON.stringify(last)) return;
    last = answer.switches;
    apply(last);
  }

  /** The registry does not know the server, or no longer. Tools that were off stay off. */
  function noteUnknown(): void {
    etag = undefined;
    answeredAt = 0;
    unknowns += 1;
    // The first one may come before the registry in the same process has added the server.
    if (unknowns !== 2) return;
    const what = last === undefined ? 'nothing is switched off' : 'what it said last holds';
    onError(
      `the registry at ${registry} does not know ${url}, so none of its switches reach this server, and ${what}: add the server there by exactly that URL`,
      'switches.server-unknown',
      { about: url },
    );
  }

  function noteKnown(): void {
    const again = (text: string): void =>
      onError(`the registry at ${registry} ${text}`, 'switches.followed', { about: url });
    if (unknowns > 1) again(`knows ${url}: its switches are followed`);
    if (!follower.usable && warned) again(`has answered: calls of ${url} are served again`);
    unknowns = 0;
    follower.usable = true;
    answeredAt = clock().getTime();
  }

  async function turn(): Promise<void> {
    try {
      await ask();
    } catch (error) {
      if (!closed) onError(error, 'switches.registry-unreachable', { about: url });
    }
    if (closed) return;
    if (answeredAt === 0 && !warned) warnUnanswered();
    if (last !== undefined) await disk.store(last);
  }

  /** Another server's file is no problem when the registry answers at once. */
  function warnUnanswered(): void {
    if ('problem' in storedSwitches) {
      warnUnusable(storedSwitches.problem);
    } else if (last === undefined && unknowns === 0) {
      warned = true;
      onError(
        `the registry at ${registry} does not answer, and ${file} holds no answer of before: no tool of ${url} is switched off`,
        'switches.unanswered',
        { about: url },
      );
    }
  }

  let running: Promise<void> | undefined;
  const look = (): Promise<void> => {
    running ??= turn().finally(() => {
      running = undefined;
    });
    return running;
  };
  let timer: NodeJS.Timeout | undefined;
  const schedule = (): void => {
    if (closed) return;
    const isEarly = unknowns > 0 && unknowns < UNKNOWN_POLLS;
    timer = setTimeout(() => void look().then(schedule), isEarly ? UNKNOWN_POLL_MS : POLL_MS).unref();
  };
  const follower: Follower = {
    usable: !('problem' in storedSwitches),
    get current() {
      // After the clock was set back, an old answer must not count as new.
      return Math.abs(clock().getTime() - answeredAt) < CURRENT_MS;
    },
    look,
    async close() {
      closed = true;
      clearTimeout(timer);
      // A tool that was switched off a moment ago stays off after the next start.
      if (last !== undefined) await disk.store(last);
    },
  };
  schedule();
  return follower;
}
