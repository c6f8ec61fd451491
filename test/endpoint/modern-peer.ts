/** A modern client with tasks, as bare as fetch allows: each request may go to another replica. */
import { isRecord, type JsonObject } from '../../src/wire/value.js';
import { MODERN } from '../http/wire.js';
import { EventReader } from './legacy-peer.js';

export const META = {
  ...MODERN,
  'io.modelcontextprotocol/clientCapabilities': {
    elicitation: { form: {}, url: {} },
    extensions: { 'io.modelcontextprotocol/tasks': {} },
  },
};

export class ModernPeer {
  #made = 0;

  /** `always` is sent with every request, such as a token. */
  constructor(readonly always: { [name: string]: string } = {}) {}

  /** The `result`, or the `error` where there is none. */
  async ask(url: string, method: string, params: JsonObject = {}): Promise<JsonObject> {
    return resultOf(await this.#post(url, method, params, 'application/json'));
  }

  /** The `error` that a subscription is refused with. */
  async refusedToListen(url: string, notifications: JsonObject): Promise<JsonObject> {
    const response = await this.#post(url, 'subscriptions/listen', { notifications }, 'text/event-stream');
    if (response.ok) throw new Error('it listens');
    return resultOf(response);
  }

  /** The task that a call of that tool became. */
  async task(url: string, tool: string, args: JsonObject = {}): Promise<string> {
    const result = await this.ask(url, 'tools/call', { name: tool, arguments: args });
    if (typeof result.taskId !== 'string') throw new Error(`no task: ${JSON.stringify(result)}`);
    return result.taskId;
  }

  async listen(url: string, notifications: JsonObject): Promise<EventReader> {
    const response = await this.#post(url, 'subscriptions/listen', { notifications }, 'text/event-stream');
    const reader = new EventReader(
      response.status,
      response.headers.get('content-type') ?? '',
      response.body,
    );
    await reader.message('notifications/subscriptions/acknowledged');
    return reader;
  }

  #post(url: string, method: string, params: JsonObject, accept: string): Promise<Response> {
    this.#made += 1;
    const name = params.name ?? params.taskId;
    return fetch(url, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        accept,
        'mcp-protocol-version': '2026-07-28',
        'mcp-method': method,
        ...(typeof name === 'string' ? { 'mcp-name': name } : {}),
        ...this.always,
      },
      body: JSON.stringify({ jsonrpc: '2.0', id: this.#made, method, params: { ...params, _meta: META } }),
    });
  }
}

async function resultOf(response: Response): Promise<JsonObject> {
  const answer: unknown = await response.json();
  if (!isRecord(answer)) throw new Error('no answer');
  const { result, error } = answer;
  if (isRecord(result)) return result;
  if (isRecord(error)) return error;
  throw new Error(JSON.stringify(answer));
}
