/**
 * The pages behind a node:http server of their own, an authorization server that signs anything, and a
 * browser of a few lines: it keeps what the script of the pages keeps, follows nothing by itself and sends whatever headers
 * a test wants.
 */
import { randomBytes } from 'node:crypto';
import { createServer, type IncomingHttpHeaders, request } from 'node:http';
import { createMemoryState } from '../../src/cluster/state/memory-state.js';
import { createApproverPages } from '../../src/governance/approval/web/approver.js';
import type { ApproverOptions } from '../../src/governance/approval/web/decide.js';
import { createVerifier } from '../../src/oauth/verifier.js';
import { SESSION_HEADER } from '../../src/pages/signin/session.js';
import { close, listen } from '../../src/wire/http/listener.js';
import { createSealer } from '../../src/wire/server/sealer.js';
import { type Reply, TestIssuer } from '../support/issuer.js';
import { NOW } from '../support/tokens.js';
import { MemoryApprovals } from './memory-approvals.js';

export type Page = { status: number; headers: IncomingHttpHeaders; cookies: string[]; text: string };
export type Sent = { method?: string; headers?: { [name: string]: string }; body?: string };
type Claims = { [name: string]: unknown };

export type Bench = {
  service: MemoryApprovals;
  issuer: TestIssuer;
  origin: string;
  resource: string;
  errors: string[];
  timers: { ms: number; run: () => void; cancelled: boolean }[];
  /** Moves the clock of the pages, the verifier and the service. */
  pass(ms: number): void;
  /** What the authorization server issues for the code `code`: a token with these claims. */
  grant(code: string, claims?: Claims): void;
  /** Instead of a token. */
  answerToken(reply: () => Reply | Promise<Reply>): void;
  close(): Promise<void>;
};

export async function openBench(given: Partial<ApproverOptions> & { https?: boolean } = {}): Promise<Bench> {
  let ms = NOW * 1000;
  const clock = () => new Date(ms);
  const fourEyes = given.fourEyes ?? true;
  const issuer = await TestIssuer.start();
  const service = new MemoryApprovals(clock, fourEyes, issuer.issuer);
  issuer.routes.set('/.well-known/oauth-authorization-server', () => ({
    body: {
      ...issuer.metadata,
      authorization_endpoint: `${issuer.origin}/authorize`,
      token_endpoint: `${issuer.origin}/token`,
      authorization_response_iss_parameter_supported: true,
    },
  }));
  const errors: string[] = [];
  const timers: Bench['timers'] = [];
  const server = createServer((asked, response) => {
    const path = (asked.url ?? '').split('?', 1)[0] ?? '';
    if (!pages.handle(asked, response, path)) response.writeHead(404).end('not of the pages');
  });
  const port = await listen(server, 0, '127.0.0.1');
  const origin = `${given.https === true ? 'https' : 'http'}://localhost:${port}`;
  const resource = `${origin}/mcp`;
  const grants = new Map<string, Claims>();
  let answerToken: (() => Reply | Promise<Reply>) | undefined;
  issuer.routes.set('/token', ({ body }) => {
    if (answerToken !== undefined) return answerToken();
    const code = new URLSearchParams(body).get('code') ?? '';
    const claims = grants.get(code);
    grants.delete(code);
    if (claims === undefined) return { status: 400, body: { error: 'invalid_grant' } };
    return { body: { token_type: 'Bearer', access_token: issuer.sign(claims) } };
  });
  const pages = createApproverPages({
    service,
    verifier: createVerifier({ issuers: [{ issuer: issuer.issuer }], clock }, resource),
    issuer: issuer.issuer,
    resource,
    origin,
    client: { id: 'barewire-approvals' },
    sealer: createSealer([randomBytes(32)], clock),
    state: createMemoryState(clock),
    clock,
    after: (wait, run) => {
      const timer = { ms: wait, run, cancelled: false };
      timers.push(timer);
      return () => {
        timer.cancelled = true;
      };
    },
    fourEyes,
    onError: (error, about) => errors.push(`${about}: ${error}`),
    ...given,
  });
  return {
    service,
    issuer,
    origin,
    resource,
    errors,
    timers,
    pass(by) {
      ms += by;
    },
    grant: (code, claims) => {
      const now = Math.floor(ms / 1000);
      grants.set(code, {
        iss: issuer.issuer,
        sub: 'dara.yilmaz7@example.com',
        aud: resource,
        client_id: 'barewire-approvals',
        scope: 'approvals:decide',
        tenant: 'demo',
        iat: now,
        exp: now + 600,
        ...claims,
      });
    },
    answerToken(reply) {
      answerToken = reply;
    },
    async close() {
      pages.close();
      await close(server, 200);
      await issuer.goAway();
    },
  };
}

export class Visitor {
  /** Who is signed in, sealed: sent with each request. */
  session: string | undefined;
  /** A sign-in under way. */
  begun = '';

  constructor(readonly bench: Bench) {}

  async get(path: string, headers: Sent['headers'] = {}): Promise<Page> {
    return this.send(path, { headers });
  }

  /** Posts a form as the script does from these pages, unless `headers` say otherwise. */
  async post(path: string, fields: { [name: string]: string }, headers: Sent['headers'] = {}): Promise<Page> {
    const type = 'application/x-www-form-urlencoded';
    const own = { origin: this.bench.origin, 'sec-fetch-site': 'same-origin', 'content-type': type };
    const body = new URLSearchParams(fields).toString();
    return this.send(path, { method: 'POST', headers: { ...own, ...headers }, body });
  }

  /** A header with an empty value is left out. */
  async send(path: string, { method = 'GET', headers = {}, body }: Sent): Promise<Page> {
    const { port } = new URL(this.bench.origin);
    const proof = this.session === undefined ? {} : { [SESSION_HEADER]: this.session };
    const all = { host: `localhost:${port}`, ...proof, ...headers };
    const shown = Object.fromEntries(Object.entries(all).filter(([, value]) => value !== ''));
    return new Promise((resolve, reject) => {
      const sending = request({ host: '127.0.0.1', port, path, method, headers: shown }, (answer) => {
        let text = '';
        answer.setEncoding('utf8').on('data', (part: string) => {
          text += part;
        });
        answer.on('end', () => {
          const cookies = answer.headers['set-cookie'] ?? [];
          resolve({ status: answer.statusCode ?? 0, headers: answer.headers, cookies, text });
        });
      });
      sending.on('error', reject);
      sending.end(body);
    });
  }

  /** Begins to sign in, for the page at `to`, and returns the request to the authorization server. */
  async leave(to = '/approvals'): Promise<URLSearchParams> {
    const { status, text } = await this.post('/approvals/sign-in', { to });
    if (status !== 200) throw new Error(`signing in for ${to} answered ${status}`);
    const { url, begun } = JSON.parse(text) as { url: string; begun: string };
    this.begun = begun;
    return new URL(url).searchParams;
  }

  /** The callback, with an answer that is correct by default; undefined members are left out. */
  async comeBack(asked: URLSearchParams, more: { [name: string]: string | undefined } = {}): Promise<Page> {
    const answer = {
      code: 'code',
      state: asked.get('state') ?? '',
      iss: this.bench.issuer.issuer,
      ...more,
    };
    const given = Object.entries(answer).filter((pair): pair is [string, string] => pair[1] !== undefined);
    const fields = { answer: String(new URLSearchParams(given)), begun: this.begun };
    this.begun = '';
    const page = await this.post('/approvals/callback', fields);
    if (page.status === 200) this.session = (JSON.parse(page.text) as { session: string }).session;
    return page;
  }

  /** The whole sign-in. Returns the answer of the callback. */
  async signIn(claims: Claims = {}, to = '/approvals'): Promise<Page> {
    const asked = await this.leave(to);
    this.bench.grant('code', claims);
    return this.comeBack(asked);
  }
}

/** Signed in, valid in every way by default. */
export async function signedIn(bench: Bench, claims: Claims = {}): Promise<Visitor> {
  const visitor = new Visitor(bench);
  const { status, text } = await visitor.signIn(claims);
  if (status !== 200) throw new Error(`signing in ended with ${status}: ${text}`);
  return visitor;
}

export function csrfOf({ text }: Page): string {
  return /name="csrf" value="([^"]+)"/.exec(text)?.[1] ?? '';
}

/** The text of a page, without its markup. */
export function wordsOf({ text }: Page): string {
  return text
    .replace(/<[^>]*>/g, ' ')
    .replace(/&lt;/g, '<')
    .replace(/&gt;/g, '>')
    .replace(/&quot;/g, '"')
    .replace(/&#39;/g, "'")
    .replace(/&amp;/g, '&')
    .replace(/\s+/g, ' ')
    .replace(/ ([,.])/g, '$1')
    .trim();
}
