/**
 * What a client does on its way to a tool, request by request: `steps` read as the lesson does ("GET
 * readonly/.well-known/… 200"), the forms and registrations beside them. The client notices nothing.
 */
import { isRecord, type JsonObject } from '../../src/wire/value.js';

export class Wire {
  readonly steps: string[] = [];
  /** Posted to the token endpoint. */
  readonly forms: URLSearchParams[] = [];
  readonly registrations: JsonObject[] = [];

  constructor(readonly nameOf: (address: URL) => string) {}

  readonly fetch: typeof globalThis.fetch = async (input, init) => {
    const request = new Request(input, init);
    const body = await request.clone().text();
    const name = this.nameOf(new URL(request.url));
    const response = await globalThis.fetch(input, init);
    // A legacy client opens its own stream in the background, so it has no place in the order.
    if (request.method === 'GET' && /^\w+\/mcp$/.test(name)) return response;
    const about = [`${request.method} ${name}`, this.#read(name, body), response.status];
    this.steps.push(about.filter((part) => part !== undefined).join(' '));
    return response;
  };

  /** The steps since the last time. */
  next(): string[] {
    return this.steps.splice(0);
  }

  #read(name: string, body: string): string | undefined {
    if (name === 'authserver/token') this.forms.push(new URLSearchParams(body));
    const json: unknown = body.startsWith('{') ? JSON.parse(body) : undefined;
    if (!isRecord(json)) return undefined;
    if (name === 'authserver/register') this.registrations.push(json);
    return typeof json.method === 'string' ? json.method : undefined;
  }
}
