/** A legacy client in a session, as bare as fetch allows: it keeps every event it was sent, and loses streams on purpose. */
import { isRecord, type JsonObject } from '../../src/wire/value.js';
import { within } from '../support/until.js';

export type Event = { id: string | undefined; data: JsonObject | undefined };

export class EventReader {
  readonly events: Event[] = [];
  ended = false;
  readonly #leaving = new AbortController();
  readonly #waiting = new Set<() => void>();

  constructor(
    readonly status: number,
    readonly type: string,
    body: ReadableStream<Uint8Array> | null,
  ) {
    if (body === null) this.ended = true;
    else
      void this.#read(body)
        .catch(() => undefined)
        .then(() => {
          this.ended = true;
          this.#wake();
        });
  }

  get messages(): JsonObject[] {
    return this.events.flatMap(({ data }) => (data === undefined ? [] : [data]));
  }
  get lastId(): string {
    return this.events.findLast(({ id }) => id !== undefined)?.id ?? '';
  }

  async until<T>(find: (reader: this) => T | undefined | false): Promise<T> {
    const search = async (): Promise<T> => {
      for (;;) {
        const found = find(this);
        if (found !== undefined && found !== false) return found;
        await new Promise<void>((resolve) => this.#waiting.add(resolve));
      }
    };
    return within(search(), () => `what came: ${JSON.stringify(this.events)}`);
  }
  message(of: string | number): Promise<JsonObject> {
    return this.until(() =>
      this.messages.find(({ id, method }) =>
        typeof of === 'number' ? id === of && method === undefined : method === of,
      ),
    );
  }

  leave(): void {
    this.#leaving.abort();
  }

  async #read(body: ReadableStream<Uint8Array>): Promise<void> {
    const reader = body.getReader();
    this.#leaving.signal.addEventListener('abort', () => void reader.cancel());
    const decoder = new TextDecoder();
    let text = '';
    for (let part = await reader.read(); !part.done; part = await reader.read()) {
      text += decoder.decode(part.value, { stream: true });
      const frames = text.split('\n\n');
      text = frames.pop() ?? '';
      for (const frame of frames) this.#take(frame);
      this.#wake();
    }
    if (this.type === 'application/json') this.#take(`data: ${text}`);
    this.#wake();
  }

  #wake(): void {
    for (const resolve of this.#waiting) resolve();
    this.#waiting.clear();
  }

  #take(frame: string): void {
    const line = /^data: (.*)$/m.exec(frame)?.[1];
    if (line === undefined) return;
    const value: unknown = line === '' ? undefined : JSON.parse(line);
    for (const data of Array.isArray(value) ? value : [value])
      this.events.push({ id: /^id: (.*)$/m.exec(frame)?.[1], data: isRecord(data) ? data : undefined });
  }
}

export class Peer {
  session: string | undefined;
  revision = '2025-11-25';
  constructor(
    readonly url: string,
    /** Sent with every request, such as a token. */
    readonly always: { [name: string]: string } = {},
  ) {}

  static async open(
    url: string,
    capabilities: JsonObject = {},
    revision = '2025-11-25',
    always: { [name: string]: string } = {},
  ): Promise<Peer> {
    const peer = new Peer(url, always);
    const params = { protocolVersion: revision, capabilities, clientInfo: { name: 'peer', version: '1' } };
    const response = await peer.fetch('POST', { jsonrpc: '2.0', id: 0, method: 'initialize', params });
    await response.text();
    peer.session = response.headers.get('mcp-session-id') ?? undefined;
    if (peer.session === undefined) throw new Error(`no session: ${response.status}`);
    peer.revision = revision;
    return peer;
  }

  fetch(method: string, body?: unknown, headers: { [name: string]: string } = {}): Promise<Response> {
    return fetch(this.url, {
      method,
      headers: {
        'content-type': 'application/json',
        accept: method === 'GET' ? 'text/event-stream' : 'application/json, text/event-stream',
        'mcp-protocol-version': this.revision,
        ...(this.session === undefined ? {} : { 'mcp-session-id': this.session }),
        ...this.always,
        ...headers,
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
  }

  async post(body: unknown): Promise<EventReader> {
    return readerOf(await this.fetch('POST', body));
  }
  request(id: number, method: string, params: JsonObject = {}): Promise<EventReader> {
    return this.post({ jsonrpc: '2.0', id, method, params });
  }
  call(id: number, name: string, args: JsonObject = {}, _meta: JsonObject = {}): Promise<EventReader> {
    return this.request(id, 'tools/call', { name, arguments: args, _meta });
  }
  async listen(lastEventId?: string): Promise<EventReader> {
    const resume: { [name: string]: string } =
      lastEventId === undefined ? {} : { 'last-event-id': lastEventId };
    return readerOf(await this.fetch('GET', undefined, resume));
  }
}

function readerOf(response: Response): EventReader {
  return new EventReader(response.status, response.headers.get('content-type') ?? '', response.body);
}
