/** The files of `--tls-cert` and `--tls-key`: which are refused, what is warned of, and that they are read again. */
import { copyFileSync, rmSync, writeFileSync } from 'node:fs';
import { get } from 'node:https';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { start } from '../src/app/app.js';
import { openCertificate } from '../src/app/certificate.js';
import { type Config, configure } from '../src/app/settings/config.js';
import { SERVERS, SERVICES } from '../src/app/settings/setting.js';
import type { EventName } from '../src/wire/log.js';
import { Authority, type Issued } from './support/certificates.js';
import { freePort } from './support/free-port.js';
import { needPrograms } from './support/programs.js';
import { inHeldTime } from './support/time.js';
import { until } from './support/until.js';

needPrograms('certificate', 'openssl');
const test = suite('certificate');
const authority = new Authority();
const good = authority.issue();
const other = authority.issue();
const later = (days: number) => () => new Date(Date.now() + days * 86_400_000);

async function open(given: Partial<Config>, clock = later(0)) {
  const lines: string[] = [];
  const warn = (error: unknown, event: EventName): void => {
    const { message, cause } = error instanceof Error ? error : { message: String(error), cause: undefined };
    lines.push(`${event}: ${message}${cause instanceof Error ? `: ${cause.message}` : ''}`);
  };
  return { lines, certificate: await openCertificate(configure(given), warn, clock) };
}

const settings = ({ certFile, keyFile }: Pick<Issued, 'certFile' | 'keyFile'>): Partial<Config> => ({
  tlsCert: certFile,
  tlsKey: keyFile,
});

async function refusal(given: Partial<Config>): Promise<string> {
  try {
    (await open(given)).certificate?.close();
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
  throw new Error('it was accepted');
}

test('a wrong file is refused by its setting and its name', async () => {
  const junk = join(authority.folder, 'junk.pem');
  writeFileSync(junk, 'not PEM');
  const absent = join(authority.folder, 'absent.pem');
  assert.is(
    await refusal({ tlsCert: good.certFile }),
    '--tls-cert and --tls-key: expected both or none, received only --tls-cert',
  );
  assert.is(await refusal(settings({ ...good, keyFile: absent })), `--tls-key ${absent}: no such file`);
  const { folder } = authority;
  assert.is(
    await refusal(settings({ ...good, certFile: folder })),
    `--tls-cert ${folder}: cannot be read (EISDIR)`,
  );
  assert.match(
    await refusal(settings({ ...good, certFile: junk })),
    `--tls-cert ${junk}: expected a certificate chain in PEM`,
  );
  assert.match(
    await refusal(settings({ ...good, keyFile: junk })),
    `--tls-key ${junk}: expected a private key in PEM that is not encrypted`,
  );
});

test('a certificate with the key of another is refused, and both files are named', async () => {
  const message = await refusal(settings({ ...good, keyFile: other.keyFile }));
  for (const part of [good.certFile, other.keyFile, 'the key of another certificate'])
    assert.match(message, part);
});

test('an http public URL is refused together with a certificate', async () => {
  assert.match(
    await refusal({ ...settings(good), readonlyUrl: 'http://localhost:3000/mcp' }),
    '--readonly-url: expected an https URL, because --tls-cert is given, received http://localhost:3000/mcp',
  );
});

test('a certificate that clients refuse is warned of', async () => {
  const expired = await open(settings(authority.issue(['localhost'], -1)));
  assert.match(expired.lines.join('\n'), /^tls\.certificate-expired: it expired on \d{4}-\d\d-\d\dT\S+$/);
  expired.certificate?.close();
  const soon = await open(settings(good), later(25));
  assert.match(soon.lines.join('\n'), /: it expires on \d{4}-/);
  soon.certificate?.close();
  const early = await open(settings(good), later(-3));
  assert.match(early.lines.join('\n'), /: it is valid only from \d{4}-/);
  early.certificate?.close();
  const foreign = await open({ ...settings(good), readonlyUrl: 'https://tools.example.com/mcp' });
  assert.match(
    foreign.lines.join('\n'),
    /: clients of --readonly-url https:\/\/tools\.example\.com\/mcp will refuse it: it is for DNS:localhost$/,
  );
  foreign.certificate?.close();
  const fine = await open(settings(good));
  assert.equal(fine.lines, []);
  fine.certificate?.close();
});

test('listening beyond this machine in plain HTTP is warned of, unless clients reach it over https', async () => {
  const url = { host: '0.0.0.0', only: 'readonly' as const };
  const plain = await open({ ...url, readonlyUrl: 'http://localhost:3000/mcp' });
  assert.match(
    plain.lines.join('\n'),
    /^tls\.missing: tokens and answers travel unencrypted; give --tls-cert/,
  );
  assert.equal((await open({ ...url, readonlyUrl: 'https://tools.example.com/mcp' })).lines, []);
  const metrics = await open({ metricsHost: '0.0.0.0', metricsPort: 9464 });
  assert.match(metrics.lines.join(), /^tls\.missing: metrics, and the secret that opens them, travel unencr/);
  assert.equal((await open({ metricsHost: '0.0.0.0' })).lines, []);
  assert.equal((await open({ only: 'readonly' })).lines, []);
});

test('changed files are read again; files that do not fit leave the certificate as it is', async () => {
  const files = { certFile: join(authority.folder, 'live.pem'), keyFile: join(authority.folder, 'live.key') };
  copyFileSync(good.certFile, files.certFile);
  copyFileSync(good.keyFile, files.keyFile);
  const { certificate, lines } = await open(settings(files));
  assert.ok(certificate);
  const seen: string[] = [];
  certificate.onReplaced(({ cert }) => void seen.push(cert));
  copyFileSync(other.certFile, files.certFile);
  await until(() => lines.some((line) => line.startsWith('tls.certificate-unusable')));
  assert.match(lines.join('\n'), /unusable: --tls-cert \S+live\.pem and --tls-key \S+live\.key: expected/);
  assert.is(certificate.pair.cert, good.cert);
  copyFileSync(other.keyFile, files.keyFile);
  await until(() => seen.length > 0);
  assert.equal(seen, [other.cert]);
  assert.is(certificate.pair.cert, other.cert);
  assert.match(lines.at(-1) ?? '', /renewed: valid until \d{4}-/);
  rmSync(files.certFile);
  await until(() => lines.length > 2);
  assert.match(lines.at(-1) ?? '', /no such file/);
  assert.is(certificate.pair.cert, other.cert);
  certificate.close();
});

test('a renewal that writes the certificate before the key is no error, even if the files are read in between', () =>
  inHeldTime(async (time) => {
    const files = {
      certFile: join(authority.folder, 'renewed.pem'),
      keyFile: join(authority.folder, 'renewed.key'),
    };
    copyFileSync(good.certFile, files.certFile);
    copyFileSync(good.keyFile, files.keyFile);
    const { certificate, lines } = await open(settings(files));
    assert.ok(certificate);
    // The poll, and the daily look at the date.
    const waiting = time.timers;
    const poll = async (): Promise<void> => {
      await time.pass(500);
      await until(() => time.timers === waiting, 'the files are read');
    };
    copyFileSync(other.certFile, files.certFile);
    await poll();
    assert.is(certificate.pair.cert, good.cert);
    copyFileSync(other.keyFile, files.keyFile);
    await poll();
    assert.is(certificate.pair.cert, other.cert);
    assert.match(lines.join('\n'), /^tls\.certificate-renewed: valid until \S+$/);

    copyFileSync(good.certFile, files.certFile);
    await poll();
    assert.is(lines.length, 1);
    for (let polls = 0; polls < 3; polls += 1) await poll();
    assert.is(lines.length, 2, 'a lasting problem is logged once');
    assert.match(lines[1] ?? '', /^tls\.certificate-unusable: /);
    certificate.close();
  }));

test('every service speaks TLS, and names itself with https', async () => {
  for (const only of SERVICES) {
    const port = { [`${only}Port`]: 0 };
    const state = { stateHome: authority.folder, registryDir: authority.folder };
    const running = await start({ only, ...port, ...state, ...settings(good) });
    const address = running.addresses[only] ?? '';
    assert.match(address, /^https:\/\/localhost:\d+/);
    const path = SERVERS.some((name) => name === only) ? '/healthz' : '/';
    assert.is(await statusOf(new URL(path, address)), 200, address);
    await running.close();
  }
  const metricsPort = await freePort();
  const running = await start({ only: 'readonly', readonlyPort: 0, metricsPort, ...settings(good) });
  assert.is(await statusOf(new URL(`https://localhost:${metricsPort}/metrics/readonly`)), 200);
  await running.close();
});

function statusOf(url: URL): Promise<number> {
  return new Promise((resolve, reject) => {
    get(url, { ca: authority.cert }, (response) => {
      response.resume();
      resolve(response.statusCode ?? 0);
    }).on('error', reject);
  });
}

test.run();
