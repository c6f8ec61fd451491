/**
 * The events of a session's streams, kept for a while so that a client which lost a stream can come back for the rest. An event id
 * names its stream and its place there, and only that stream is ever replayed (2025-11-25/transports/050). Each event is kept with the
 * scopes that its reader needs; the endpoint checks who has them.
 *
 * @see https://modelcontextprotocol.io/specification/2025-11-25/basic/transports#resumability-and-redelivery
 */

import { type EventStream, sseFrame } from './stream.js';

/** Events kept of one stream, and streams of one session; the oldest are dropped first. */
const MAX_EVENTS = 256;
const MAX_STREAMS = 64;
/** Characters of one stream's events; the newest event is kept whatever its length. */
const MAX_CHARACTERS = 256 * 1024;
/** Characters of all streams of one session. */
const MAX_SESSION_CHARACTERS = 1024 * 1024;

/** Where a stream's frames go: to the client, or to the replica that the client came back to. */
export type Sink = Pick<EventStream, 'open' | 'send' | 'end'>;

/** Scopes that a reader needs. */
type Bound = readonly string[];
const UNBOUND: Bound = [];
const anybody = (): boolean => true;

export class LoggedStream {
  readonly #events: { place: number; data: string; bound: Bound }[] = [];
  #mayRead: (bound: Bound) => boolean = anybody;
  #place = 0;
  #characters = 0;
  #ended = false;
  #live: Sink | undefined;

  constructor(
    readonly id: string,
    /** Called when it keeps more characters than before, or fewer. */
    readonly onResize: () => void,
    /** For a stream that answers calls: the scopes that its messages are bound to at this moment. */
    private bound?: () => Bound,
  ) {}

  /** Of the events that it keeps. */
  get characters(): number {
    return this.#characters;
  }

  /** True once it has kept an event: from then on everything goes through here. */
  get begun(): boolean {
    return this.#place > 0;
  }

  get live(): boolean {
    return this.#live?.open === true;
  }

  get ended(): boolean {
    return this.#ended;
  }

  /** Whether everything after that place is still here: no lost event may be skipped silently. */
  holdsAfter(place: number): boolean {
    const oldest = this.#events[0]?.place ?? 1;
    return place <= this.#place && place >= oldest - 1;
  }

  /**
   * The scopes needed to resume after that place, for a stream that answers calls. Such a stream is resumed completely or not at
   * all.
   */
  boundAfter(place: number): Bound {
    if (this.bound === undefined) return UNBOUND;
    const later = this.#events.filter((event) => event.place > place).flatMap(({ bound }) => bound);
    return [...new Set([...later, ...this.bound()])];
  }

  /** An event without data, whose id lets the client come back before any message was sent (2025-11-25/transports/022). */
  prime(retryMs: number): void {
    this.#keep('', UNBOUND, retryMs);
  }

  /** `text` is the JSON of one message; without `bound` it is bound to the same scopes as its call. */
  send(text: string, bound = this.bound?.() ?? UNBOUND): void {
    this.#keep(text, bound);
  }

  /** Sends the last messages. A client that is not there now fetches them later. */
  end(texts: readonly string[]): void {
    for (const text of texts) this.send(text);
    this.#ended = true;
    // No more messages come, so the calls need not stay in memory.
    if (this.bound !== undefined) this.bound = () => UNBOUND;
    this.#live?.end();
  }

  /** Ends the connection while the work goes on (2025-11-25/transports/023, /024). */
  release(): void {
    this.#live?.end();
    this.#live = undefined;
  }

  /** Continues on `stream`, beginning with the messages after the event at `after` that the reader may read. */
  attach(stream: Sink, after = this.#place, mayRead: (bound: Bound) => boolean = anybody): void {
    this.#live?.end();
    this.#live = stream;
    this.#mayRead = mayRead;
    for (const { place, data, bound } of this.#events)
      if (place > after && data !== '' && mayRead(bound)) stream.send(this.#frame(place, data));
    if (this.#ended) stream.end();
  }

  #keep(data: string, bound: Bound, retry?: number): void {
    this.#place += 1;
    this.#events.push({ place: this.#place, data, bound });
    this.#characters += data.length;
    while (
      this.#events.length > MAX_EVENTS ||
      (this.#characters > MAX_CHARACTERS && this.#events.length > 1)
    ) {
      this.#characters -= this.#events.shift()?.data.length ?? 0;
    }
    this.onResize();
    if (this.#mayRead(bound)) this.#live?.send(this.#frame(this.#place, data, retry));
  }

  #frame(place: number, data: string, retry?: number): string {
    const id = `${this.id}.${place}`;
    return sseFrame({ id, data, retry });
  }
}

export class EventLog {
  readonly #streams = new Map<string, LoggedStream>();
  #opened = 0;

  /** `prefix` keeps apart the streams of different replicas. */
  constructor(readonly prefix = '') {}

  /** With `bound` this is the stream of a call. */
  open(bound?: () => Bound): LoggedStream {
    this.#opened += 1;
    const id = `${this.prefix}${this.#opened}`;
    const stream = new LoggedStream(id, () => this.#trim(id), bound);
    this.#streams.set(id, stream);
    if (this.#streams.size > MAX_STREAMS) this.#dropOne(id);
    return stream;
  }

  /** The stream and place that an event id names; undefined when it is not ours, or what followed is not all kept. */
  find(eventId: string): { stream: LoggedStream; after: number } | undefined {
    const [, id, place] = /^([\w-]{1,40})\.(\d{1,9})$/.exec(eventId) ?? [];
    const stream = this.#streams.get(id ?? '');
    return stream?.holdsAfter(Number(place)) ? { stream, after: Number(place) } : undefined;
  }

  /** Makes room for a stream that has just kept an event. */
  #trim(newest: string): void {
    let characters = 0;
    for (const stream of this.#streams.values()) characters += stream.characters;
    if (characters > MAX_SESSION_CHARACTERS && this.#dropOne(newest)) this.#trim(newest);
  }

  /** Drops an ended stream first, and then one that nobody reads: a client holds its GET stream through many calls. */
  #dropOne(except: string): boolean {
    const others = [...this.#streams.values()].filter(({ id }) => id !== except);
    const one = others.find(({ ended }) => ended) ?? others.find(({ live }) => !live) ?? others[0];
    return one !== undefined && this.#streams.delete(one.id);
  }
}
