/**
 * Programs that people use: an official TypeScript client, a wallet for each server, a page on loopback, and a person
 * who is shown what the client wants to have opened. A program gets a server's URL and nothing else; everything about tokens is done by the
 * client.
 */
import {
  Client as ClientV2,
  StreamableHTTPClientTransport as HttpV2,
  UnauthorizedError as UnauthorizedV2,
} from '@modelcontextprotocol/client';
import { UnauthorizedError as UnauthorizedV1 } from '@modelcontextprotocol/sdk/client/auth.js';
import { Client as ClientV1 } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport as HttpV1 } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import type { JsonObject } from '../../src/wire/value.js';
import type { Answer, Person, Seen } from './browser.js';
import type { Callback } from './oauth-callback.js';
import type { Wallet } from './oauth-wallet.js';
import type { Wire } from './oauth-wire.js';

/** One attempt of a client: it connects and calls, or its server sends it to a person. */
export type Attempt = {
  connect(): Promise<void>;
  /** With the parameters of the callback. */
  finish(params: URLSearchParams): Promise<void>;
  tools(): Promise<string[]>;
  call(name: string, args: JsonObject): Promise<JsonObject>;
  close(): Promise<void>;
};
export type Kind = (url: URL, wallet: Wallet, wire: Wire) => Attempt;

const INFO = { name: 'interop', version: '1.0.0' };

export const v1: Kind = (url, wallet, { fetch }) => {
  const client = new ClientV1(INFO);
  const transport = new HttpV1(url, { authProvider: wallet, fetch });
  return {
    connect: () => client.connect(transport),
    // This version takes the code alone, and leaves the rest of the answer to its program.
    async finish(params) {
      const error = params.get('error');
      if (error !== null) throw new Error(`${error}: ${params.get('error_description')}`);
      await transport.finishAuth(params.get('code') ?? '');
    },
    tools: async () => (await client.listTools()).tools.map(({ name }) => name),
    call: (name, args) => client.callTool({ name, arguments: args }),
    close: () => client.close(),
  };
};

export const v2: Kind = (url, wallet, { fetch }) => {
  const client = new ClientV2(INFO, { versionNegotiation: { mode: 'auto' } });
  const transport = new HttpV2(url, { authProvider: wallet, fetch });
  return {
    connect: () => client.connect(transport),
    finish: (params) => transport.finishAuth(params),
    tools: async () => (await client.listTools()).tools.map(({ name }) => name),
    call: (name, args) => client.callTool({ name, arguments: args }),
    close: () => client.close(),
  };
};

export class Program {
  /** What the person has read since the last `pages()`. */
  readonly #pages: Seen[] = [];
  #attempt: Attempt;

  constructor(
    readonly begin: () => Attempt,
    readonly wallet: Wallet,
    readonly wire: Wire,
    readonly callback: Callback,
    readonly person: Person,
  ) {
    this.#attempt = begin();
  }

  async connect(answer?: Answer): Promise<void> {
    try {
      await this.#attempt.connect();
    } catch (error) {
      await this.#ask(error, answer);
      // A transport that was refused cannot be started twice.
      await this.#attempt.close();
      this.#attempt = this.begin();
      await this.#attempt.connect();
    }
  }

  tools(): Promise<string[]> {
    return this.#attempt.tools();
  }

  /** Calls, and after a person was asked calls once more. */
  async call(name: string, args: JsonObject, answer?: Answer): Promise<JsonObject> {
    try {
      return await this.#attempt.call(name, args);
    } catch (error) {
      await this.#ask(error, answer);
      return this.#attempt.call(name, args);
    }
  }

  pages(): Seen[] {
    return this.#pages.splice(0);
  }

  close(): Promise<void> {
    return this.#attempt.close();
  }

  /** @throws any error that is not a request to ask a person */
  async #ask(error: unknown, answer?: Answer): Promise<void> {
    if (!(error instanceof UnauthorizedV1 || error instanceof UnauthorizedV2)) throw error;
    const address = this.wallet.opened.at(-1);
    if (address === undefined) throw error;
    this.#pages.push(...(await this.person.visit(address, answer)));
    const params = this.callback.arrival();
    this.wallet.checkState(params);
    await this.#attempt.finish(params);
  }
}
