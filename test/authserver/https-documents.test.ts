/** Client ID Metadata Documents over real TLS: the library reads them, through the guarded fetch. */
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { close, listen } from '../../src/wire/http/listener.js';
import { authorize, Browser } from '../support/person.js';
import { run as runProcess } from '../support/process.js';
import { findProgram, reportSkip } from '../support/programs.js';
import { scriptArguments } from '../support/script.js';
import { authorizationUrl, CALLBACK, claimsOf, pkce, post, READONLY } from './running.js';

const OPENSSL = findProgram('openssl') !== undefined;
const test = suite('authserver/https-documents');
if (!OPENSSL) reportSkip('authserver/https-documents', 'there is no openssl here to make a certificate');

async function certificate(home: string): Promise<{ key: Buffer; cert: Buffer; path: string }> {
  const [key, path] = [join(home, 'key.pem'), join(home, 'cert.pem')];
  const subject = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost'];
  const kind = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2'];
  await promisify(execFile)('openssl', ['req', '-x509', ...kind, '-keyout', key, '-out', path, ...subject]);
  return { key: await readFile(key), cert: await readFile(path), path };
}

(OPENSSL ? test : test.skip)(
  'a client may be an https address; its document is read once, and a foreign one is refused',
  async () => {
    const home = await mkdtemp(join(tmpdir(), 'barewire-tls-'));
    const { path, ...tls } = await certificate(home);
    const asked: string[] = [];
    let origin = '';
    const site = createServer(tls, (request, response) => {
      asked.push(request.url ?? '');
      response.setHeader('content-type', 'application/json');
      const document = {
        client_id: `${origin}/client.json`,
        client_name: 'Over TLS',
        redirect_uris: [CALLBACK],
        grant_types: ['authorization_code', 'refresh_token', 'client_credentials'],
      };
      response.end(JSON.stringify(document));
    });
    origin = `https://localhost:${await listen(site, 0, '127.0.0.1')}`;
    const server = runProcess(process.execPath, scriptArguments('test/authserver/trusting.ts'), {
      NODE_EXTRA_CA_CERTS: path,
    });
    try {
      await server.seen('}');
      const { issuer } = JSON.parse(server.output()) as { issuer: string };
      const client = `${origin}/client.json`;
      const proof = pkce();
      const more = { resource: READONLY, scope: 'postgres:query:readonly' };
      const left = await authorize(authorizationUrl(issuer, client, proof, more));
      const code = new URL(left).searchParams.get('code') ?? '';
      const grant = { grant_type: 'authorization_code', client_id: client, code, redirect_uri: CALLBACK };
      const { body } = await post(`${issuer}/token`, { ...grant, code_verifier: proof.verifier }, '');
      assert.is(claimsOf(body.access_token).client_id, client);
      assert.type(body.refresh_token, 'string');
      assert.equal(asked, ['/client.json']);

      const alone = { grant_type: 'client_credentials', client_id: client, resource: READONLY };
      assert.is((await post(`${issuer}/token`, alone, '')).status, 400, 'and nothing without a person');

      const end = await new Browser(issuer).open(
        authorizationUrl(issuer, `${origin}/other.json`, pkce(), more),
      );
      assert.ok('page' in end);
      assert.match(end.page.text, /role="alert">[^<]*client_id does not match/);
    } finally {
      server.child.stdin?.end();
      const { stderr } = await server.ended;
      assert.not.match(stderr, /Error/);
      await Promise.all([close(site, 0), rm(home, { recursive: true, force: true })]);
    }
  },
);

test.run();
