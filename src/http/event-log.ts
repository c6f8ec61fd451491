/**
 * What a session's streams have said, kept for a while so that a client which lost one can come back for the rest. An
 * event id names its stream and its place there, and only that stream is ever replayed (2025-11-25/transports/050).
 *
 * @see https://modelcontextprotocol.io/specification/2025-11-25/basic/transports#resumability-and-redelivery
 */
import { type SseEvent, sseFrame } from './sse.js';
import type { EventStream } from './stream.js';

/** Events kept of one stream, and streams of one session; the oldest go first. */
const MOST_EVENTS = 256;
/** Characters of one stream's events; the newest event is kept whatever its length. */
const MOST_CHARACTERS = 256 * 1024;
const MOST_STREAMS = 64;
/** Characters of one session's events; the oldest streams that have ended make room. */
const MAX_SESSION_CHARACTERS = 4 * 1024 * 1024;

/** Where a stream's frames go: to the client, or to the replica that the client came back to. */
export type Sink = Pick<EventStream, 'open' | 'send' | 'end'>;

export class LoggedStream {
  readonly #events: { place: number; data: string }[] = [];
  #place = 0;
  #characters = 0;
  #ended = false;
  #live: Sink | undefined;

  /** `onKept` runs when one more event was kept. */
  constructor(
    readonly id: string,
    readonly onKept: (stream: LoggedStream) => void = () => {},
  ) {}

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

  get ended(): boolean {
    return this.#ended;
  }

  /** An event without data, whose id lets the client come back before anything was said (2025-11-25/transports/022). */
  prime(retryMs: number): void {
    this.#keep('', retryMs);
  }

  /** `text` is one message's JSON. */
  send(text: string): void {
    this.#keep(text);
  }

  /** The last messages; whoever is not there now fetches them later. */
  end(texts: readonly string[]): void {
    for (const text of texts) this.send(text);
    this.#ended = true;
    this.#live?.end();
  }

  /** Lets the connection go while the work goes on (2025-11-25/transports/023, /024). */
  release(): void {
    this.#live?.end();
    this.#live = undefined;
  }

  /** Goes on over `stream`, first with what followed the event at `after`. */
  attach(stream: Sink, after = this.#place): void {
    this.#live?.end();
    this.#live = stream;
    for (const { place, data } of this.#events)
      if (place > after && data !== '') stream.send(this.#frame(place, { data }));
    if (this.#ended) stream.end();
  }

  #keep(data: string, retry?: number): void {
    this.#place += 1;
    this.#events.push({ place: this.#place, data });
    this.#characters += data.length;
    while (
      this.#events.length > MOST_EVENTS ||
      (this.#characters > MOST_CHARACTERS && this.#events.length > 1)
    ) {
      this.#characters -= this.#events.shift()?.data.length ?? 0;
    }
    this.onKept(this);
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

  open(): LoggedStream {
    this.#made += 1;
    const stream = new LoggedStream(`${this.prefix}${this.#made}`, (kept) => this.#makeRoom(kept));
    this.#streams.set(stream.id, stream);
    if (this.#streams.size <= MOST_STREAMS) return stream;
    // What has ended is missed less than what goes on: a client holds its GET stream through many calls.
    const kept = [...this.#streams.values()];
    const least = kept.find((one) => one.ended) ?? kept.find((one) => !one.live) ?? kept[0];
    if (least !== undefined) this.#streams.delete(least.id);
    return stream;
  }

  #makeRoom(newest: LoggedStream): void {
    let characters = 0;
    for (const one of this.#streams.values()) characters += one.characters;
    for (const one of this.#streams.values()) {
      if (characters <= MAX_SESSION_CHARACTERS) return;
      if (one === newest || !(one.ended || !one.live)) continue;
      characters -= one.characters;
      this.#streams.delete(one.id);
    }
  }

  /** The stream and place that an event id names; undefined when it is not ours, or what followed is not all kept. */
  find(eventId: string): { stream: LoggedStream; after: number } | undefined {
    const [, id, place] = /^([\w-]{1,40})\.(\d{1,9})$/.exec(eventId) ?? [];
    const stream = this.#streams.get(id ?? '');
    return stream?.holdsAfter(Number(place)) ? { stream, after: Number(place) } : undefined;
  }
}
