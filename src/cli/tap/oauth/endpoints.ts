/** The endpoints of an authorization server, at their addresses on the tap. The browser is sent on; other requests are passed on. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { parseJson } from '../../../lesson/json.js';
import { isRecord } from '../../../wire/value.js';
import { requestHeaders, without } from '../http/head.js';
import type { Upstream } from '../http/upstream.js';
import { answering, exchangeWhole, Refusal, readWhole, sendWhole, type WholeAnswer } from '../http/whole.js';
import type { Addresses } from './addresses.js';
import type { Callbacks } from './callbacks.js';
import { ENDPOINTS } from './documents.js';
import type { Issuers } from './issuers.js';
import { type Asking, INSTEAD, translate, translateRegistration } from './translate.js';

export type FacadeOptions = {
  target: URL;
  upstream: Upstream;
  timeoutMs: number;
  /** A line for the person at the tap, printed once. */
  problem(text: string): void;
};

type EndpointName = (typeof ENDPOINTS)[number];
type Call = { request: IncomingMessage; clientGone: AbortSignal; to: URL; asking: Asking };

export class Endpoints {
  constructor(
    readonly options: FacadeOptions,
    readonly issuers: Issuers,
    readonly callbacks: Callbacks,
  ) {}

  answer(
    request: IncomingMessage,
    response: ServerResponse,
    path: string,
    query: URLSearchParams,
    addresses: Addresses,
  ): void {
    const { problem } = this.options;
    void answering(response, problem, async (clientGone) => {
      const { name, to, asking } = await this.#find(path, addresses);
      const call = { request, clientGone, to, asking };
      if (name === 'authorization_endpoint') {
        const form = request.method === 'POST' ? await readWhole(request, 'the request') : '';
        const params = new URLSearchParams([...query, ...new URLSearchParams(form.toString())]);
        for (const [param, value] of translate(params, asking)) to.searchParams.append(param, value);
        response
          .writeHead(302, { location: to.href, 'cache-control': 'no-store', 'content-length': 0 })
          .end();
      } else if (request.method !== 'POST') sendWhole(response, await this.#pass(call, Buffer.alloc(0)));
      else if (name === 'registration_endpoint') sendWhole(response, await this.#register(call));
      else sendWhole(response, await this.#form(call));
    });
  }

  /** Rejects with a Refusal. */
  async #find(path: string, addresses: Addresses): Promise<{ name: EndpointName; to: URL; asking: Asking }> {
    const name = ENDPOINTS.find((one) => path.endsWith(`/${one}`));
    const issuerPath = name && path.slice(0, -name.length - 1);
    const issuer = issuerPath && (await this.issuers.find(issuerPath));
    if (name === undefined || !issuer) throw new Refusal(404, `the tap has nothing at ${path}`);
    const metadata = await issuer.known();
    const address = metadata[name];
    if (typeof address !== 'string' || !URL.canParse(address))
      throw new Refusal(404, `${issuer.issuer} has no ${name}`);
    const asking = {
      addresses,
      callbacks: this.callbacks,
      issuer: issuer.issuer,
      facade: addresses.tap + issuerPath,
      namesItself: metadata.authorization_response_iss_parameter_supported === true,
      problem: this.options.problem,
    };
    return { name, to: new URL(address), asking };
  }

  async #form(call: Call): Promise<WholeAnswer> {
    const { request, to, asking } = call;
    const text = (await readWhole(request, 'the request')).toString('utf8');
    const params = new URLSearchParams(text);
    const answer = await this.#pass(call, Buffer.from(translate(params, asking).toString()));
    const bound = params.has('client_assertion') ? 'client assertion' : request.headers.dpop && 'DPoP proof';
    if (answer.status >= 400 && bound)
      asking.problem(
        `${to.href} refused a request with a ${bound}, which names the tap: the tap cannot sign another one. ${INSTEAD}`,
      );
    return answer;
  }

  /** With the tap's addresses to come back to, if the server takes them. The client reads its own ones only. */
  async #register(call: Call): Promise<WholeAnswer> {
    const body = await readWhole(call.request, 'the request');
    const document = parseJson(body.toString('utf8'));
    const further = translateRegistration(document, call.asking);
    if (further === undefined) return this.#pass(call, body);
    const answer = await this.#pass(call, Buffer.from(JSON.stringify(further)));
    // Some servers refuse such an address. The way back is then the client's own.
    if (answer.status >= 400) return this.#pass(call, body);
    const registration = parseJson(answer.body.toString('utf8'));
    if (!isRecord(registration) || !isRecord(document)) return answer;
    if (typeof registration.client_id === 'string') this.callbacks.registered(registration.client_id);
    const clientCopy = { ...registration, redirect_uris: document.redirect_uris };
    return { ...answer, body: Buffer.from(JSON.stringify(clientCopy)) };
  }

  #pass({ request, clientGone, to }: Call, body: Buffer): Promise<WholeAnswer> {
    const { upstream, timeoutMs } = this.options;
    const { method = 'GET', rawHeaders, socket } = request;
    const replacedHeaders = /^(accept-encoding|content-length|transfer-encoding|expect)$/i;
    const headers = without(requestHeaders(rawHeaders, to.host, []), replacedHeaders);
    const length = body.length > 0 ? ['Content-Length', String(body.length)] : [];
    const path = to.pathname + to.search;
    const outgoing = upstream.request(to, { client: socket, method, path, headers: [...headers, ...length] });
    return exchangeWhole(outgoing, body, { to, timeoutMs, clientGone });
  }
}
