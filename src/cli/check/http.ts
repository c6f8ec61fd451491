/** Asks over HTTP, one connection a request, and plays the handshake of the legacy revisions where a server needs it. */
import { parseJson } from '../../lesson/json.js';
import { Peer } from '../../lesson/player/peer.js';
import type { Stage } from '../../lesson/player/stage.js';
import { requestBytes } from '../../lesson/transcripts/request.js';
import { answerOf, isStream, type Response, readHttp } from '../../lesson/transcripts/response.js';
import { mirroredHeaders } from '../../wire/mcp/request-headers.js';
import type { Era } from '../../wire/revisions.js';
import { isRecord } from '../../wire/value.js';
import {
  type Connection,
  type ConnectionOptions,
  type Headers,
  messageFor,
  type Question,
  type Reply,
} from './connection.js';
import { connectionProblem } from './problems.js';

const FIRST_WITH_HEADER = '2025-06-18';

export class HttpConnection implements Connection {
  readonly transport = 'http';
  session: string | undefined;
  agreedRevision: string | undefined;
  #id = 0;

  constructor(
    readonly url: URL,
    readonly options: ConnectionOptions,
  ) {}

  async ask(question: Question): Promise<Reply> {
    this.#id += 1;
    const { era, revision, method, anonymous } = question;
    const message = messageFor(question, this.#id);
    const params = isRecord(message.params) ? message.params : {};
    const headers = era === 'modern' ? Object.entries(mirroredHeaders(method, params)) : [];
    const head = [
      `POST ${pathOf(this.url)} HTTP/1.1`,
      'Content-Type: application/json',
      'Accept: application/json, text/event-stream',
      ...(era === 'modern' ? [`MCP-Protocol-Version: ${revision}`] : []),
      ...headers.map(([header, value]) => `${header}: ${value}`),
    ];
    const token = anonymous ? undefined : await this.options.tokens?.token();
    const more = this.#headersFor(era, method === 'initialize');
    const response = await this.exchange(head, JSON.stringify(message), token, more, method);
    const value = parseJson(answerOf(response));
    return {
      status: Number(response.status.split(' ')[1]),
      headers: response.headers,
      text: response.body,
      message: isRecord(value) ? value : undefined,
    };
  }

  /** Sends one request and reads its answer; of a stream, until the answer has come. */
  async exchange(
    head: readonly string[],
    body: string | undefined,
    token: string | undefined,
    more: Headers,
    what: string,
  ): Promise<Response> {
    await this.options.pace();
    const lines = (texts: readonly string[]) => texts.map((text) => ({ line: 0, text }));
    // What is sent here is complete. Braces in it are no insertions.
    const bytes = requestBytes(lines(head), undefined, this.url.host, new Map(), token, [
      ...more,
      ...(body === undefined ? [] : [['Content-Length', String(Buffer.byteLength(body))] as const]),
    ]);
    const peer = Peer.to(this.url, 0);
    try {
      peer.write(Buffer.concat([bytes, Buffer.from(body ?? '')]));
      const method = head[0]?.split(' ')[0] ?? '';
      return await peer.until('an answer', this.options.timeoutMs, () => {
        const answer = readHttp(peer.received, peer.hasEnded, method);
        if (answer === undefined || answer.complete) return answer;
        return isStream(answer) && answerOf(answer) !== '' ? answer : undefined;
      });
    } catch (error) {
      throw connectionProblem(error, this.url, this.options.timeoutMs);
    } finally {
      peer.drop();
      this.options.onExchange({ line: 0, sent: peer.sent, received: peer.received, what });
    }
  }

  async signIn({ headers }: Reply): Promise<boolean> {
    const { tokens } = this.options;
    const challenges = headers.filter(([name]) => name === 'www-authenticate').map(([, value]) => value);
    const sentToken = await tokens?.token();
    const token = await tokens?.answer({ url: this.url, status: 401, challenges, sent: sentToken });
    return token !== undefined && token !== sentToken;
  }

  async stage(era: Era): Promise<Stage> {
    const token = await this.options.tokens?.token();
    return {
      addresses: { any: this.url.href },
      ...(token === undefined ? {} : { tokens: { any: token } }),
      deadlineMs: this.options.timeoutMs,
      headersFor: ({ body }) =>
        this.#headersFor(
          era,
          (body ?? []).some(({ text }) => text.includes('"initialize"')),
        ),
    };
  }

  #headersFor(era: Era, opens: boolean): Headers {
    const opened = era === 'legacy' && !opens;
    const session = opened ? this.session : undefined;
    // The header came with 2025-06-18.
    const version =
      opened && this.agreedRevision !== undefined && this.agreedRevision >= FIRST_WITH_HEADER
        ? this.agreedRevision
        : undefined;
    return [
      ...this.options.headers,
      ...(version === undefined ? [] : [['MCP-Protocol-Version', version] as const]),
      ...(session === undefined ? [] : [['Mcp-Session-Id', session] as const]),
    ];
  }

  async close(): Promise<void> {
    if (this.session === undefined) return;
    const head = [`DELETE ${pathOf(this.url)} HTTP/1.1`];
    // Not every server lets its clients end a session.
    await this.exchange(
      head,
      undefined,
      await this.options.tokens?.token(),
      this.#headersFor('legacy', false),
      'DELETE',
    ).catch(() => undefined);
    this.session = undefined;
  }
}

export function pathOf(url: URL): string {
  return `${url.pathname}${url.search}`;
}
