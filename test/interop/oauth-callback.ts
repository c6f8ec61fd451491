/**
 * The client's part of the machine: a page on loopback to which the browser comes back, and an https address that
 * describes the client (a Client ID Metadata Document) for those who ask who it is.
 *
 * @see https://www.rfc-editor.org/rfc/rfc8252#section-7.3
 */
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { close, listen } from '../../src/wire/http/listener.js';

export type Callback = {
  redirectUri: string;
  /** The callbacks of the browser, oldest first. */
  arrival(): URLSearchParams;
  close(): Promise<void>;
};

export async function openCallback(): Promise<Callback> {
  const arrived: URLSearchParams[] = [];
  const server = createServer((request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://localhost');
    if (pathname !== '/callback') {
      response.writeHead(204).end(); // browsers look for an icon
      return;
    }
    response.setHeader('content-type', 'text/html; charset=utf-8');
    response.end('<!doctype html><title>Client</title><h1>Back at the client</h1><p>Close this page.</p>');
    arrived.push(searchParams);
  });
  return {
    redirectUri: `http://127.0.0.1:${await listen(server, 0, '127.0.0.1')}/callback`,
    arrival() {
      const first = arrived.shift();
      if (first === undefined) throw new Error('nobody has come back');
      return first;
    },
    close: () => close(server, 0),
  };
}

export type Documents = {
  /** The certificate to trust. */
  certificate: string;
  /** The client's id, which is where it is described. */
  describe(client: object): string;
  /** The clients whose documents were requested. */
  asked: string[];
  close(): Promise<void>;
};

/** Undefined where no certificate can be made. */
export async function openDocuments(): Promise<Documents | undefined> {
  const folder = await mkdtemp(join(tmpdir(), 'barewire-client-'));
  const key = join(folder, 'key.pem');
  const certificate = join(folder, 'certificate.pem');
  const said = `req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=localhost`;
  try {
    const names = ['-addext', 'subjectAltName=DNS:localhost'];
    await promisify(execFile)('openssl', [...said.split(' '), ...names, '-keyout', key, '-out', certificate]);
  } catch {
    await rm(folder, { recursive: true, force: true });
    return undefined;
  }
  const documents = new Map<string, string>();
  const asked: string[] = [];
  const pair = { key: await readFile(key), cert: await readFile(certificate) };
  let origin = '';
  const server = createSecureServer(pair, (request, response) => {
    const address = `${origin}${request.url}`;
    const text = documents.get(address);
    asked.push(address);
    response.writeHead(text === undefined ? 404 : 200, { 'content-type': 'application/json' }).end(text);
  });
  origin = `https://localhost:${await listen(server, 0, '127.0.0.1')}`;
  return {
    certificate,
    asked,
    describe(client) {
      const id = `${origin}/client-${documents.size}.json`;
      documents.set(id, JSON.stringify({ client_id: id, ...client }));
      return id;
    },
    async close() {
      await close(server, 0);
      await rm(folder, { recursive: true, force: true });
    },
  };
}
