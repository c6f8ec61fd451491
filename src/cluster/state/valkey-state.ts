/**
 * Shared state on a Valkey or Redis server. An update is a compare-and-set: one script writes the value, unless another replica has
 * changed it since it was read, and then the step runs again.
 */
import { Redis } from 'ioredis';
import type { OnError } from '../../wire/log.js';
import { isRecord, type JsonObject } from '../../wire/value.js';
import { type GroupPage, type SharedState, StateUnavailable } from '../shared-state.js';
import { CHANNEL, LIST, PREFIX, PUT, SEPARATOR, SWEEP, SWEPT } from './valkey-scripts.js';
import { changeMessage, Watchers } from './watchers.js';

export type ValkeyStateOptions = {
  /** `valkey://`, `redis://`, or with TLS `valkeys://` or `rediss://`. */
  url: string;
  clock: () => Date;
  /** Receives errors of background work. */
  onError: OnError;
};

/** As stored; empty when there is none. */
type StoredValue = { value: string; expiresAt: string };

const TIMEOUT_MS = 5_000;
const MAX_WAIT_MS = 10_000;
const SWEEP_EVERY_MS = 60_000;
/** Each conflict means that another replica's update succeeded. */
const MAX_TRIES = 100;

export function createValkeyState({ url, clock, onError }: ValkeyStateOptions): SharedState {
  const client = connect(url);
  const watchers = new Watchers();
  /** Updates of one key by this process wait for each other, so that only other processes cause conflicts. */
  const queues = new Map<string, Promise<unknown>>();
  let subscriber: Redis | undefined;
  let swept = clock().getTime();

  async function orUnavailable<T>(command: () => Promise<T>): Promise<T> {
    try {
      return await command();
    } catch (cause) {
      throw new StateUnavailable('the shared state cannot be reached', { cause });
    }
  }

  const run = (script: string, ...args: (string | number)[]): Promise<unknown> =>
    orUnavailable(() => client.eval(script, 0, PREFIX, ...args));

  async function read(space: string, key: string): Promise<StoredValue> {
    const name = `${PREFIX}value:${space}${SEPARATOR}${key}`;
    const [value, expiresAt] = await orUnavailable(() => client.hmget(name, 'value', 'expires'));
    return { value: value ?? '', expiresAt: expiresAt ?? '' };
  }

  const current = ({ value, expiresAt }: StoredValue): JsonObject | undefined =>
    Number(expiresAt) > clock().getTime() ? objectIn(value) : undefined;

  const update: SharedState['update'] = async (space, key, step) => {
    for (let tries = 0; tries < MAX_TRIES; tries += 1) {
      const storedValue = await read(space, key);
      const { result, put } = step(current(storedValue));
      if (put === undefined) return result;
      const { value, expiresAt, group, tell } = put;
      const putResult = await run(
        PUT,
        ...[space, key, storedValue.value, storedValue.expiresAt, JSON.stringify(value), expiresAt],
        ...[group === undefined ? '0' : '1', group ?? ''],
        tell === true ? changeMessage(space, key) : '',
      );
      if (putResult === 1) return result;
    }
    throw new StateUnavailable(`other replicas changed the same value ${MAX_TRIES} times`);
  };

  /** Under a clock that stands still, nothing is swept. */
  function sweep(): void {
    const now = clock().getTime();
    if (now - swept < SWEEP_EVERY_MS) return;
    swept = now;
    removeExpired(now).catch((error: unknown) => onError(error, 'state.unreachable'));
  }

  async function removeExpired(now: number): Promise<void> {
    while ((await run(SWEEP, now)) === SWEPT);
  }

  async function page(space: string, index: string, limit: number, after = '+inf'): Promise<GroupPage> {
    const below = after === '+inf' ? after : `(${after}`;
    const reply = await run(LIST, space, clock().getTime(), limit, index, below);
    const texts = Array.isArray(reply) ? reply.map(String) : [];
    const values = texts
      .filter((_, at) => at % 2 === 0)
      .map(objectIn)
      .filter((value) => value !== undefined);
    const last = texts.at(-1);
    return last === undefined || texts.length < 2 * limit ? { values } : { values, next: last };
  }

  function subscribe(): Redis {
    const connection = connect(url);
    connection.on('ready', () => {
      connection.subscribe(CHANNEL).then(
        // Notifications may have been missed.
        () => watchers.notifyAll(),
        (error: unknown) => onError(error, 'state.unreachable'),
      );
    });
    connection.on('message', (_channel, message) => {
      watchers.receive(message, onError);
    });
    return connection;
  }

  return {
    get: async (space, key) => current(await read(space, key)),
    update(space, key, step) {
      sweep();
      const name = `${space}${SEPARATOR}${key}`;
      const before = queues.get(name);
      const result = (async () => {
        // Behind an update that could not reach the server, none waits for a deadline of its own.
        await before?.catch((error: unknown) => {
          if (error instanceof StateUnavailable) throw error;
        });
        return update(space, key, step);
      })();
      queues.set(name, result);
      const leaveQueue = (): void => {
        if (queues.get(name) === result) queues.delete(name);
      };
      result.then(leaveQueue, leaveQueue);
      return result;
    },
    list: async (space, limit) => (await page(space, `order:${space}`, limit)).values,
    page: (space, group, limit, after) => page(space, `group:${space}${SEPARATOR}${group}`, limit, after),
    watch(space, watcher) {
      subscriber ??= subscribe();
      return watchers.add(space, watcher);
    },
    ready: () => orUnavailable(async () => void (await client.ping())),
    async close() {
      watchers.clear();
      subscriber?.disconnect();
      client.disconnect();
    },
  };
}

/** A command whose answer is lost is not sent again, because the server may have carried it out. */
function connect(url: string): Redis {
  const connection = new Redis(url.replace(/^valkey/, 'redis'), {
    connectTimeout: TIMEOUT_MS,
    commandTimeout: TIMEOUT_MS,
    autoResendUnfulfilledCommands: false,
    autoResubscribe: false,
    maxRetriesPerRequest: 0,
    retryStrategy: (attempt) => Math.min(250 * 2 ** (attempt - 1), MAX_WAIT_MS),
  });
  // The command that meets the error reports it.
  connection.on('error', () => undefined);
  return connection;
}

function objectIn(text: string): JsonObject | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isRecord(value) ? value : undefined;
  } catch {
    return undefined;
  }
}
