/**
 * Clients of both eras that call `scale.add` one after the other, each call with an id of its own. They check every answer, and
 * try again, with the same id, where the connection broke: whether the call ran, only the audit log knows.
 */
import { setTimeout as pause } from 'node:timers/promises';
import { Client, LEGACY, legacy, type Message, messageIn, modern, type Reply } from './client.js';
import type { Attempt, Outcome } from './tally.js';

const MAX_TRIES = 20;
const BETWEEN_TRIES_MS = 50;
/** Every twentieth call lasts a second. */
const LASTING = { every: 20, ms: 1_000 };

export type LoadOptions = {
  port: number;
  token: string;
  clients: number;
  restMs: number;
  /** Whether the legacy ones work in sessions. */
  sessions: boolean;
  nameOf: (address: string) => string;
  /** Whether some calls last a while. */
  lasting?: boolean;
  tool?: string;
};

export type Load = {
  attempts: Attempt[];
  /** Ids of the calls that were answered. */
  answered: Set<string>;
  /** Milliseconds since it began. */
  now(): number;
  stop(): Promise<void>;
};

export function startLoad(options: LoadOptions): Load {
  const began = performance.now();
  const load = {
    attempts: [] as Attempt[],
    answered: new Set<string>(),
    going: true,
    now: () => performance.now() - began,
  };
  const clients = Array.from({ length: options.clients }, (_, number) => work(number, options, load));
  return {
    ...load,
    async stop() {
      load.going = false;
      await Promise.all(clients);
    },
  };
}

type Running = Pick<Load, 'attempts' | 'answered' | 'now'> & { going: boolean };

async function work(number: number, options: LoadOptions, load: Running): Promise<void> {
  const { restMs, sessions, lasting = false, tool = 'scale.add' } = options;
  const client = new Client(options.port, options.token);
  const isModern = number % 2 === 0;
  let session: string | undefined;
  await pause((restMs * number) / options.clients);
  for (let turn = 1; load.going; turn += 1) {
    const id = `${number}-${turn}`;
    const lasts = lasting && (number + turn) % LASTING.every === 0;
    const given = { a: number, b: turn, ...(lasts ? { restMs: LASTING.ms } : {}) };
    const params = { name: tool, arguments: given };
    if (!isModern && sessions && session === undefined) {
      const opening = {
        protocolVersion: LEGACY,
        capabilities: {},
        clientInfo: { name: 'scale', version: '1' },
      };
      const opened = await asked(
        client,
        legacy(`${id}-open`, 'initialize', opening),
        options,
        load,
        (reply) => reply.session !== undefined,
      );
      session = opened?.session;
      if (session === undefined) continue;
    }
    const message = isModern ? modern(id, 'tools/call', params) : legacy(id, 'tools/call', params, session);
    const reply = await asked(client, message, options, load, (came) => isSum(came, id, number + turn));
    if (reply?.status === 404) session = undefined;
    else if (reply !== undefined) load.answered.add(id);
    if (restMs > 0) await pause(Math.random() * 2 * restMs);
  }
  client.close();
}

function isSum(reply: Reply, id: string, sum: number): boolean {
  const { id: answered, result } = messageIn(reply) ?? {};
  const { structuredContent } = (result ?? {}) as { structuredContent?: { sum?: number } };
  return answered === id && structuredContent?.sum === sum;
}

/** Until it is answered or refused; undefined when it is lost, or the answer was wrong. */
async function asked(
  client: Client,
  message: Message,
  { nameOf }: LoadOptions,
  load: Running,
  isRight: (reply: Reply) => boolean,
): Promise<Reply | undefined> {
  for (let tries = 1; ; tries += 1) {
    const from = load.now();
    const reply = await client.post(message).catch((error: Error) => error);
    const atMs = load.now();
    const note = (outcome: Outcome, by: string | undefined, why?: string): void =>
      void load.attempts.push({
        atMs,
        outcome,
        by,
        tookMs: atMs - from,
        ...(why === undefined ? {} : { why }),
      });
    const last = reply instanceof Error ? undefined : reply.servedBy.at(-1);
    const by = last === undefined ? undefined : nameOf(last);
    const why = whyBroken(reply);
    if (why === undefined && !(reply instanceof Error)) {
      if (reply.status !== 200 || isRefused(reply))
        note('refused', by, `${reply.status} ${reply.text.slice(0, 200)}`);
      else if (isRight(reply)) note('answered', by);
      else note('wrong', by, reply.text.slice(0, 200));
      return reply.status === 200 || reply.status === 404 ? reply : undefined;
    }
    note('broken', by, why);
    if (tries === MAX_TRIES) {
      note('lost', by, why);
      return undefined;
    }
    await pause(BETWEEN_TRIES_MS);
  }
}

/** Legacy requests that time helps are refused in band. */
function isRefused(reply: Reply): boolean {
  const error = messageIn(reply)?.error as { code?: number } | undefined;
  return error?.code === 429 || error?.code === 503;
}

/** What nginx answers for a replica that is gone holds no message. */
function whyBroken(reply: Reply | Error): string | undefined {
  if (reply instanceof Error) return reply.message;
  if (reply.status < 502 || messageIn(reply) !== undefined) return undefined;
  return `${reply.status} from nginx, which tried ${reply.servedBy.join(', ')}`;
}
