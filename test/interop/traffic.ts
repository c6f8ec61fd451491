/**
 * The traffic of a third-party client: the messages it sent, those the server sent, and
 * the HTTP headers. The clients themselves notice nothing.
 */
import { isRecord, type JsonObject } from '../../src/wire/value.js';

export type Posted = { method: string; headers: Headers; message: JsonObject };

export class Traffic {
  readonly sent: JsonObject[] = [];
  readonly posted: Posted[] = [];
  readonly received: JsonObject[] = [];
  /** Output of the server that is not a JSON object. */
  readonly noise: string[] = [];
  readonly #methods = new Map<unknown, string>();

  send(message: unknown): void {
    if (!isRecord(message)) return;
    this.sent.push(message);
    if (message.id !== undefined && typeof message.method === 'string')
      this.#methods.set(message.id, message.method);
  }

  receive(text: string): void {
    let value: unknown;
    try {
      value = JSON.parse(text);
    } catch {
      this.noise.push(text);
      return;
    }
    if (isRecord(value)) this.received.push(value);
    else this.noise.push(text);
  }

  /** The method of the request that a response answers. */
  methodOf({ id }: JsonObject): string | undefined {
    return this.#methods.get(id);
  }

  /** The results of one method, in the order of arrival. */
  results(method: string): JsonObject[] {
    return this.received
      .filter((message) => this.methodOf(message) === method)
      .map(({ result }) => (isRecord(result) ? result : {}));
  }
}

/** `fetch`, with every message on its way noted and nothing changed. */
export function recordingFetch(traffic: Traffic): typeof fetch {
  return async (url, init) => {
    if (typeof init?.body === 'string') {
      const message: unknown = JSON.parse(init.body);
      traffic.send(message);
      if (isRecord(message))
        traffic.posted.push({ method: String(message.method), headers: new Headers(init.headers), message });
    }
    const response = await fetch(url, init);
    if (response.body === null) return response;
    const stream = response.headers.get('content-type') === 'text/event-stream';
    const ok = response.status !== 405; // the refusal of a GET answers no message
    const decoder = new TextDecoder();
    let text = '';
    const take = (end: boolean): void => {
      if (!stream) {
        if (end && ok && text !== '') traffic.receive(text);
        return;
      }
      const frames = text.split('\n\n');
      text = frames.pop() ?? '';
      for (const frame of frames) {
        if (frame.startsWith('data: ')) traffic.receive(frame.slice('data: '.length));
        else if (!frame.startsWith(':')) traffic.noise.push(frame);
      }
    };
    // A transform and not a clone: a clone would keep the connection open after the client has left.
    const tap = new TransformStream<Uint8Array, Uint8Array>({
      transform(chunk, controller) {
        text += decoder.decode(chunk, { stream: true });
        take(false);
        controller.enqueue(chunk);
      },
      flush: () => take(true),
    });
    return new Response(response.body.pipeThrough(tap), response);
  };
}
