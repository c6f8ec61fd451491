/** How often the device flow asks for the token, and when it gives up. */
import * as oauth from 'oauth4webapi';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { deviceFlow } from '../../src/oauth/client/device-flow.js';
import { settle } from '../../src/oauth/client/options.js';
import { createOutgoing } from '../../src/oauth/client/outgoing.js';
import type { Server } from '../../src/oauth/client/server-discovery.js';
import { browser, openSite, refusalOf, type Site } from './site.js';

const test = suite('oauth-client/device-flow');
let site: Site;
test.before.each(async () => {
  site = await openSite();
});
test.after.each(() => site.close());

/**
 * Until it ends: its message, what it said, for how many seconds it paused each time, and how often it asked for the token. `answers` are
 * errors; after the last comes `access_denied`.
 */
async function run(device: { [name: string]: unknown }, answers: string[] = [], signInMs = 600_000) {
  let now = 0;
  const pauses: number[] = [];
  const interaction = browser();
  const settings = settle({
    interaction,
    grant: 'device',
    signInMs,
    clock: () => new Date(now),
    after: (ms, done) => {
      pauses.push(ms / 1000);
      now += ms;
      queueMicrotask(done);
      return () => undefined;
    },
    fetch: async (url, init) => {
      if (!String(url).endsWith('/token') || answers[0] !== 'lost') return fetch(url, init);
      answers.shift();
      throw new TypeError('fetch failed');
    },
  });
  const page = { device_code: 'd', user_code: 'u', verification_uri: `${site.origin}/device` };
  site.answers.set('POST /start', { body: { ...page, expires_in: 600, ...device } });
  site.answers.set('POST /token', () => ({
    status: 400,
    body: { error: answers.shift() ?? 'access_denied' },
  }));
  const server = {
    issuer: site.origin,
    device_authorization_endpoint: `${site.origin}/start`,
    token_endpoint: `${site.origin}/token`,
    grant_types_supported: ['urn:ietf:params:oauth:grant-type:device_code'],
  } as Server;
  const request = {
    server,
    resource: 'https://mcp.example.com/',
    scopes: [],
    outgoing: createOutgoing(site.endpoint, settings),
  };
  const client = { id: 'c', authentication: oauth.None() };
  const { message } = await refusalOf(deviceFlow(request, client, settings));
  const asked = site.visits.filter(({ path }) => path === '/token').length;
  return { message, said: interaction.lines.join('\n'), pauses, asked };
}
const LATE = /nobody entered the code in time$/;
const pending = (times: number) => Array<string>(times).fill('authorization_pending');

test('it survives a lost connection, slows down, and ends with what the person decided', async () => {
  const answers = ['authorization_pending', 'slow_down', 'lost'];
  const { message, said, pauses } = await run({ user_code: 'AB\u202eCD' }, answers);
  assert.match(message, /^the device flow at \S+ was refused: "access_denied"$/);
  assert.equal(pauses, [5, 5, 10, 20]);
  assert.match(said, /open \S+\/device and enter the code "AB\?CD"/);
});
test('it asks once an interval, and gives up when the code has expired', async () => {
  const { message, pauses, asked } = await run({ interval: 4, expires_in: 10 }, pending(9));
  assert.match(message, LATE);
  assert.equal([pauses, asked], [[4, 4, 2], 2]);
});
test('it gives up when the time for a sign-in is over, however long the interval', async () => {
  for (const interval of [100_000, 3_000_000]) {
    const { message, pauses, asked } = await run({ interval, expires_in: 10_000_000 }, pending(9), 60_000);
    assert.match(message, LATE);
    assert.equal([pauses, asked], [[60], 0]);
  }
});
test('a server that asks for less gets less, also when its interval is long', async () => {
  const { message, pauses } = await run({ interval: 90 }, ['slow_down', 'lost', 'slow_down']);
  assert.match(message, '"access_denied"');
  assert.equal(pauses, [90, 95, 95, 100]);
});
test('it asks once a second at most, however short the interval', async () => {
  assert.equal((await run({ interval: 0.001 }, pending(2))).pauses, [1, 1, 1]);
});
test('lost connections double the interval, up to a minute', async () => {
  const { pauses } = await run({}, ['lost', 'lost', 'lost', 'lost', 'lost']);
  assert.equal(pauses, [5, 10, 20, 40, 60, 60]);
});

test.run();
