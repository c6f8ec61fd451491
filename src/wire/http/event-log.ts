/**
 * What a session's streams have said, kept for a while so that a client which lost one can come back for the rest. An
 * event id names its stream and its place there, and only that stream is ever replayed (2025-11-25/transports/050). Each event is
 * kept with the scopes that its reader needs; the endpoint checks who has them.
 *
 * @see https://modelcontextprotocol.io/specification/2025-11-25/basic/transports#resumability-and-redelivery
 */

import { type EventStream, type SseEvent, sseFrame } from './stream.js';

/** Events kept of one stream, and streams of one session; the oldest go first. */
const MAX_EVENTS = 256;
/** Characters of one stream's events; the newest event is kept whatever its length. */
const MAX_CHARACTERS = 256 * 1024;
const MAX_STREAMS = 64;
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
    readonly onResize: () => void = () => {},
    /** For a stream that answers calls: the scopes that its messages are bound to at this moment. */
    private bound?: () => Bound,
  ) {}

  /** Of the events that it keeps. */
  get characters(): number {
    return this.#characters;
  }

  /** True once `attach` gave it a stream: from then on everything goes through here. */
  get begun(): boolean {
    return this.#place > 0;
  }

  get live(): boolean {
    return this.#live?.open === true;
  }

  /** Whether everything after that place is still here: what is lost must not be skipped in silence. */
  holdsAfter(place: number): boolean {
    const oldest = this.#events[0]?.place ?? this.#place + 1;
    return place <= this.#place && place >= oldest - 1;
  }

  /**
   * The scopes needed to resume after that place, for a stream that answers calls. Such a stream is resumed completely or not at
   * all.
   */
  boundAfter(place: number): Bound {
    if (this.bound === undefined) return UNBOUND;
    const kept = this.#events.filter((event) => event.place > place).flatMap(({ bound }) => bound);
    return [...new Set([...kept, ...this.bound()])];
  }

  get ended(): boolean {
    return this.#ended;
  }

  /** An event without data, whose id lets the client come back before anything was said (2025-11-25/transports/022). */
  prime(retryMs: number): void {
    this.#keep('', UNBOUND, retryMs);
  }

  /** `text` is the JSON of one message; without `bound` it is bound to the same scopes as its call. */
  send(text: string, bound = this.bound?.() ?? UNBOUND): void {
    this.#keep(text, bound);
  }

  /** The last messages; whoever is not there now fetches them later. */
  end(texts: readonly string[]): void {
    for (const text of texts) this.send(text);
    this.#ended = true;
    // No more messages come, so the calls need not stay in memory.
    if (this.bound !== undefined) this.bound = () => UNBOUND;
    this.#live?.end();
  }

  /** Lets the connection go while the work goes on (2025-11-25/transports/023, /024). */
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
      if (place > after && data !== '' && mayRead(bound)) stream.send(this.#frame(place, { data }));
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
    if (this.#mayRead(bound))
      this.#live?.send(this.#frame(this.#place, retry === undefined ? { data } : { data, retry }));
  }

  #frame(place: number, event: SseEvent): string {
    return sseFrame({ ...event, id: `${this.id}.${place}` });
  }
}

export class EventLog {
  readonly #streams = new Map<string, LoggedStream>();
  #made = 0;

  /** `prefix` tells the streams of one replica from those of another. */
  constructor(readonly prefix = '') {}

  /** With `bound` this is the stream of a call. */
  open(bound?: () => Bound): LoggedStream {
    this.#made += 1;
    const id = `${this.prefix}${this.#made}`;
    const stream = new LoggedStream(id, () => this.#trim(id), bound);
    this.#streams.set(id, stream);
    if (this.#streams.size > MAX_STREAMS) this.#dropLeast(id);
    return stream;
  }

  /** The stream that has just kept an event keeps it. */
  #trim(newest: string): void {
    while (this.#characters() > MAX_SESSION_CHARACTERS) if (!this.#dropLeast(newest)) return;
  }

  #characters(): number {
    let sum = 0;
    for (const { characters } of this.#streams.values()) sum += characters;
    return sum;
  }

  /** What has ended is missed less than what goes on: a client holds its GET stream through many calls. */
  #dropLeast(except: string): boolean {
    const others = [...this.#streams.values()].filter(({ id }) => id !== except);
    const least = others.find((one) => one.ended) ?? others.find((one) => !one.live) ?? others[0];
    return least !== undefined && this.#streams.delete(least.id);
  }

  /** The stream and place that an event id names; undefined when it is not ours, or what followed is not all kept. */
  find(eventId: string): { stream: LoggedStream; after: number } | undefined {
    const [, id, place] = /^([\w-]{1,40})\.(\d{1,9})$/.exec(eventId) ?? [];
    const stream = this.#streams.get(id ?? '');
    return stream?.holdsAfter(Number(place)) ? { stream, after: Number(place) } : undefined;
  }
}
