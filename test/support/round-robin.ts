/** A proxy without stickiness: each request goes to the next of its targets that answers. It knows nothing of MCP. */
import { once } from 'node:events';
import { request as ask, createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export class RoundRobin {
  readonly #server = createServer((request, response) => void this.#pass(request, response));
  #turn = 0;
  /** Requests that each target was given. */
  readonly served: number[] = [];
  /** Where requests go, in turn: ports of this machine. */
  targets: number[] = [];

  async listen(): Promise<number> {
    this.#server.listen(0, '127.0.0.1');
    await once(this.#server, 'listening');
    return (this.#server.address() as AddressInfo).port;
  }

  close(): void {
    this.#server.close();
    this.#server.closeAllConnections();
  }

  async #pass(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    this.#try(request, Buffer.concat(chunks), response, this.targets.length);
  }

  #try(request: IncomingMessage, body: Buffer, response: ServerResponse, attempts: number): void {
    this.#turn += 1;
    const at = this.#turn % this.targets.length;
    const { method, url, headers } = request;
    const passed = ask({ host: '127.0.0.1', port: this.targets[at], method, path: url, headers });
    passed.once('response', (answer) => {
      this.served[at] = (this.served[at] ?? 0) + 1;
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.on('error', () => response.destroy());
      answer.pipe(response);
    });
    passed.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'ECONNREFUSED' && attempts > 1) this.#try(request, body, response, attempts - 1);
      else response.destroy();
    });
    response.once('close', () => passed.destroy());
    passed.end(body);
  }
}
