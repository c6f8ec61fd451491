/**
 * A server that keeps to the registry's switches: it asks every two seconds which of its tools are off, and remembers the
 * last answer on disk, so that what was switched off stays off when it starts again while the registry is away.
 */
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { parseJson } from './jsonrpc/json.js';
import { isRecord, type JsonObject, preview } from './value.js';

export type FollowOptions = {
  /** Of the registry. */
  registry: string;
  /** By which the registry knows this server: the URL of its MCP endpoint. */
  url: string;
  /** Where the last answer is kept. */
  file: string;
  apply: (switches: Followed) => void;
  onError: (error: unknown, about: string) => void;
  clock: () => Date;
};

/** What the registry says of this server. */
export type Followed = { enabled: boolean; off: readonly string[] };

export type Follower = {
  /** Whether the registry has told within the last ten seconds what is on. */
  readonly current: boolean;
  /** Asks at once. */
  look(): Promise<void>;
  close(): void;
};

const POLL_MS = 2_000;
const DEADLINE_MS = 2_500;
const CURRENT_MS = 10_000;
const MOST_BYTES = 256 * 1024;

/** Resolves when what was kept is applied. The registry is asked from then on. */
export async function follow(options: FollowOptions): Promise<Follower> {
  const { registry, url, file, apply, onError, clock } = options;
  const address = new URL(`/api/switches?${new URLSearchParams({ url })}`, registry);
  let etag: string | undefined;
  let last = await kept(file, url, onError);
  let told = 0;
  let closed = false;
  if (last !== undefined) apply(last);

  async function ask(): Promise<void> {
    const signal = AbortSignal.timeout(DEADLINE_MS);
    const headers = { accept: 'application/json', ...(etag === undefined ? {} : { 'if-none-match': etag }) };
    const response = await fetch(address, { headers, redirect: 'error', signal });
    const text = await response.text();
    if (closed) return;
    // Not known there, or not any more: what was switched off is not thereby on.
    if (response.status === 404) {
      etag = undefined;
      return;
    }
    if (response.status !== 304 && response.status !== 200)
      throw new Error(`${address} answered with status ${response.status}`);
    told = clock().getTime();
    if (response.status === 304) return;
    if (text.length > MOST_BYTES)
      throw new Error(`${address} answered with more than ${MOST_BYTES} characters`);
    const next = readFollowed(parseJson(text));
    etag = response.headers.get('etag') ?? undefined;
    if (JSON.stringify(next) === JSON.stringify(last)) return;
    last = next;
    apply(next);
    await keep(file, { url, ...next });
  }

  let asking: Promise<void> | undefined;
  const look = (): Promise<void> => {
    asking ??= ask()
      .catch((error: unknown) => {
        if (!closed) onError(error, 'registry');
      })
      .finally(() => {
        asking = undefined;
      });
    return asking;
  };
  const timer = setInterval(look, POLL_MS).unref();
  return {
    get current() {
      return clock().getTime() - told < CURRENT_MS;
    },
    look,
    close() {
      closed = true;
      clearInterval(timer);
    },
  };
}

function readFollowed(value: unknown): Followed {
  const { enabled, tools } = isRecord(value) ? value : ({} as JsonObject);
  if (typeof enabled === 'boolean' && isRecord(tools)) return { enabled, off: Object.keys(tools) };
  throw new Error(`expected {"enabled", "tools"}, received ${preview(value)}`);
}

async function kept(
  file: string,
  url: string,
  onError: FollowOptions['onError'],
): Promise<Followed | undefined> {
  try {
    const value: unknown = parseJson(await readFile(file, 'utf8'));
    if (!isRecord(value) || value.url !== url) return undefined;
    const { enabled, off } = value;
    if (typeof enabled === 'boolean' && Array.isArray(off)) return { enabled, off: off.map(String) };
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT')) onError(error, file);
  }
  return undefined;
}

/** Beside it and then in its place: a reader finds the whole of one or of the other. */
async function keep(file: string, value: object): Promise<void> {
  await mkdir(dirname(file), { recursive: true, mode: 0o700 });
  await writeFile(`${file}.new`, JSON.stringify(value), { mode: 0o600 });
  await rename(`${file}.new`, file);
}
