/** The port of `--metrics-port`: who may read it on loopback, and who beyond. */
import { get } from 'node:http';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { openMetricsPort } from '../src/app/metrics.js';
import { freePort } from './support/free-port.js';

const test = suite('metrics-port');
const SECRET = 'an-operators-secret-of-a-file';
const services = { readonly: { metrics: () => 'up 1\n' }, registry: undefined };
const PATH = '/metrics/readonly';

type Reply = { status: number | undefined; challenge: string | undefined; text: string };

function ask(port: number, path: string, headers: { [name: string]: string } = {}): Promise<Reply> {
  return new Promise((resolve, reject) => {
    get({ host: '127.0.0.1', port, path, headers }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (chunk) => {
        text += chunk;
      });
      response.on('end', () =>
        resolve({ status: response.statusCode, challenge: response.headers['www-authenticate'], text }),
      );
    }).on('error', reject);
  });
}

async function open(metricsHost: string, operatorSecret?: string) {
  const metricsPort = await freePort();
  const { close } = await openMetricsPort({ metricsPort, metricsHost, operatorSecret }, services);
  return {
    close,
    ask: (path: string, headers?: { [name: string]: string }) => ask(metricsPort, path, headers),
  };
}

test('on loopback it needs no secret, and answers no page whose name resolves to it', async () => {
  const server = await open('127.0.0.1', SECRET);
  assert.equal(await server.ask(PATH), { status: 200, challenge: undefined, text: 'up 1\n' });
  assert.is((await server.ask(PATH, { host: 'rebound.example.com' })).status, 404);
  await server.close();
});

test('beyond loopback Prometheus may use any name', async () => {
  const server = await open('0.0.0.0');
  assert.is((await server.ask(PATH, { host: '10.1.2.3:9464' })).text, 'up 1\n');
  for (const path of ['/metrics', '/metrics/registry', '/metrics/constructor', '/trace'])
    assert.is((await server.ask(path)).status, 404, path);
  await server.close();
});

test('beyond loopback the secret, if there is one, is required', async () => {
  const server = await open('0.0.0.0', SECRET);
  const bearer = (secret: string) => ({ host: 'replica-1', authorization: `Bearer ${secret}` });
  assert.is((await server.ask(PATH, bearer(SECRET))).text, 'up 1\n');
  const refused = { status: 401, challenge: 'Bearer', text: '' };
  assert.equal(await server.ask(PATH, bearer('another-secret-of-somebody')), refused);
  assert.equal(await server.ask(PATH), refused);
  assert.equal(await server.ask(`/metrics/${SECRET}`), refused);
  await server.close();
});

test.run();
