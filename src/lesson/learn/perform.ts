/** Plays a transcript for a reader: what was sent and what came back in each turn, how it differs, and what the server decided. */
import { type Mistake, play } from '../player/play.js';
import type { Stage, Watch } from '../player/stage.js';
import type { TracedExchange } from '../trace/exchange.js';
import type { Store } from '../trace/store.js';
import type { Transcript } from '../transcripts/transcript.js';
import { readStory, type Turn } from './turns.js';

/** The lesson's own servers. */
export type Live = {
  stageFor(transcript: Transcript, text: string): Promise<Stage>;
  /** What their observers saw. */
  store: Store;
};

export type PlayedTurn = {
  turn: Turn;
  /** Undefined on stdio. */
  url: URL | undefined;
  sent: Buffer;
  /** Undefined if nothing has come. */
  received: Buffer | undefined;
  /** What the server observed, if it got so far as to read the request. */
  observed: TracedExchange | undefined;
  mistakes: Mistake[];
};

const NOTHING = Buffer.alloc(0);
/** A server reaches the last stage after the client has its answer. */
const OBSERVED_WITHIN_MS = 500;

/** Plays up to the turn `last`. @throws Error if the transcript cannot be read */
export async function perform(
  source: string,
  live: Live,
  last = Number.POSITIVE_INFINITY,
): Promise<PlayedTurn[]> {
  const story = readStory(source);
  const turns = story.turns.filter(({ index }) => index <= last);
  const playedTurns = new Map<Turn, PlayedTurn>();
  const playedTurnOf = (step: Turn['steps'][number]): PlayedTurn | undefined => {
    const turn = turns.find(({ steps }) => steps.includes(step));
    if (turn === undefined) return undefined;
    const fresh = {
      turn,
      url: undefined,
      sent: NOTHING,
      received: undefined,
      observed: undefined,
      mistakes: [],
    };
    const one = playedTurns.get(turn) ?? fresh;
    playedTurns.set(turn, one);
    return one;
  };
  const watch: Watch = {
    async beforeSend(step, bytes, url) {
      Object.assign(playedTurnOf(step) ?? {}, { sent: bytes, url });
    },
    async onReceive(step, bytes) {
      const one = playedTurnOf(step);
      if (one !== undefined && bytes.length > 0)
        one.received = Buffer.concat([one.received ?? NOTHING, bytes]);
    },
  };
  const transcript = { ...story.transcript, steps: turns.flatMap(({ steps }) => steps) };
  const stage = await live.stageFor(transcript, source);
  const { mistakes, traffic } = await play(transcript, stage, undefined, watch);
  // A request that could not be made from the transcript was never sent.
  for (const mistake of mistakes) {
    const turn = turns.findLast(({ steps }) => (steps[0]?.line ?? 0) <= mistake.line) ?? turns.at(-1);
    const [first] = turn?.steps ?? [];
    if (first !== undefined) playedTurnOf(first)?.mistakes.push(mistake);
  }
  const all = [...playedTurns.values()];
  for (const { line, port } of traffic) {
    const one = all.find(({ turn }) => turn.send?.line === line);
    if (one !== undefined && port !== undefined) one.observed = await observedAt(port, live.store);
  }
  return all;
}

/** Waits for the last stage of an exchange of this client's port. */
async function observedAt(port: number, store: Store): Promise<TracedExchange | undefined> {
  const find = (): TracedExchange | undefined =>
    store.all.findLast(({ client }) => client.endsWith(`:${port}`));
  const exchange = find();
  if (exchange !== undefined && exchange.state !== 'open') return exchange;
  return new Promise((resolve) => {
    const finish = (): void => {
      unwatch();
      clearTimeout(timer);
      resolve(find());
    };
    const unwatch = store.watch(({ client, state }) => {
      if (client.endsWith(`:${port}`) && state !== 'open') finish();
    });
    const timer = setTimeout(finish, OBSERVED_WITHIN_MS);
  });
}
