/**
 * The certificate of all services, from the files of `--tls-cert` and `--tls-key`. Files that change are read again, as tools that renew
 * certificates expect; when the new ones cannot be used, the old certificate stays.
 */
import { createPrivateKey, X509Certificate } from 'node:crypto';
import { isIP } from 'node:net';
import { createSecureContext } from 'node:tls';
import { isLoopbackAddress } from '../oauth/protected-resource.js';
import { family } from '../services/exposition.js';
import { watchFiles } from '../services/watched-file.js';
import type { Certificate, KeyPair } from '../wire/http/certificate.js';
import type { OnError } from '../wire/log.js';
import type { Config } from './settings/config.js';
import { SERVICES } from './settings/setting.js';

export type RunningCertificate = Certificate & {
  /** In milliseconds since 1970. */
  expiresAt(): number;
  close(): void;
};

type Files = { cert: string; key: string };
/** The times of its own certificate are milliseconds since 1970. */
type LoadedCertificate = { pair: KeyPair; leaf: X509Certificate; from: number; to: number };

const DAY_MS = 86_400_000;
/** Tools renew a certificate earlier than this, so somebody has to look. */
const SOON_MS = 7 * DAY_MS;

/** Undefined without the two settings. @throws Error with one line for the operator when they cannot be used */
export async function openCertificate(
  config: Config,
  onError: OnError,
  clock: () => Date,
): Promise<RunningCertificate | undefined> {
  const files = filesOf(config);
  if (files === undefined) {
    warnOfPlaintext(config, onError);
    return undefined;
  }
  checkUrls(config);
  const users = new Set<(pair: KeyPair) => void>();
  let current: LoadedCertificate | undefined;
  const about = files.cert;
  const warnOfProblems = (): void => {
    if (current === undefined) return;
    const time = clock().getTime();
    const problems = problemsOf(current, config, time);
    if (problems.length > 0) onError(problems.join('; '), 'tls.certificate-doubtful', { about });
    if (current.to <= time)
      onError(`it expired on ${isoOf(current.to)}`, 'tls.certificate-expired', { about });
  };
  const watch = await watchFiles(
    [files.cert, files.key],
    ([cert = '', key = '']) => load({ cert, key }, files),
    (certificate) => {
      const isFirst = current === undefined;
      current = certificate;
      for (const use of users) use(certificate.pair);
      if (!isFirst) onError(`valid until ${isoOf(certificate.to)}`, 'tls.certificate-renewed', { about });
      warnOfProblems();
    },
    (error) => onError(readingProblem(error, files), 'tls.certificate-unusable', { about }),
  ).catch((error: unknown) => {
    throw readingProblem(error, files);
  });
  const daily = setInterval(warnOfProblems, DAY_MS).unref();
  // watchFiles has called back by now.
  const currentCertificate = (): LoadedCertificate => current as LoadedCertificate;
  return {
    get pair() {
      return currentCertificate().pair;
    },
    onReplaced(use) {
      users.add(use);
      return () => users.delete(use);
    },
    onPlainHttp: (remoteAddress = 'unknown') =>
      onError(`it came from ${remoteAddress}; give it the https URL`, 'tls.plain-http'),
    expiresAt: () => currentCertificate().to,
    close() {
      clearInterval(daily);
      watch.close();
    },
  };
}

/** For `GET /metrics`. */
export function certificateMetrics(certificate: RunningCertificate | undefined): string {
  return family(
    'gauge',
    'barewire_certificate_expiry_timestamp_seconds',
    'When the certificate of --tls-cert expires, as Unix time; absent without one.',
    certificate === undefined ? [] : certificate.expiresAt() / 1_000,
  );
}

function filesOf({ tlsCert: cert, tlsKey: key }: Config): Files | undefined {
  if (cert !== undefined && key !== undefined) return { cert, key };
  if (cert === undefined && key === undefined) return undefined;
  throw new Error(
    `--tls-cert and --tls-key: expected both or none, received only ${cert === undefined ? '--tls-key' : '--tls-cert'}`,
  );
}

/** @throws Error that names the file, or both files */
function load(pair: KeyPair, files: Files): LoadedCertificate {
  const leaf = attempt(
    () => new X509Certificate(pair.cert),
    `--tls-cert ${files.cert}: expected a certificate chain in PEM`,
  );
  const key = attempt(
    () => createPrivateKey(pair.key),
    `--tls-key ${files.key}: expected a private key in PEM that is not encrypted`,
  );
  if (!leaf.checkPrivateKey(key))
    throw new Error(
      `--tls-cert ${files.cert} and --tls-key ${files.key}: expected a certificate and its private key, received the key of another certificate`,
    );
  // OpenSSL refuses more, such as short keys.
  attempt(() => createSecureContext(pair), `--tls-cert ${files.cert}`);
  return { pair, leaf, from: Date.parse(leaf.validFrom), to: Date.parse(leaf.validTo) };
}

function attempt<Value>(make: () => Value, expected: string): Value {
  try {
    return make();
  } catch (cause) {
    // Not as its cause: the log would say it twice.
    throw new Error(`${expected}: ${cause instanceof Error ? cause.message : String(cause)}`);
  }
}

function readingProblem(error: unknown, files: Files): unknown {
  if (!(error instanceof Error && 'code' in error && 'path' in error)) return error;
  const setting = error.path === files.cert ? '--tls-cert' : '--tls-key';
  const reason = error.code === 'ENOENT' ? 'no such file' : `cannot be read (${error.code})`;
  return new Error(`${setting} ${error.path}: ${reason}`, { cause: error });
}

/** What clients will not accept. The server starts all the same: it may be the clock of this machine that is wrong. */
function problemsOf({ leaf, from, to }: LoadedCertificate, config: Config, now: number): string[] {
  const problems = publicUrls(config)
    .filter(([, url]) => !isFor(leaf, new URL(url).hostname.replace(/^\[(.*)\]$/, '$1')))
    .map(
      ([flag, url]) =>
        `clients of ${flag} ${url} will refuse it: it is for ${leaf.subjectAltName ?? leaf.subject}`,
    );
  if (from > now)
    problems.push(`it is valid only from ${isoOf(from)}, and clients will refuse it until then`);
  if (to > now && to - now < SOON_MS) problems.push(`it expires on ${isoOf(to)}`);
  return problems;
}

function isFor(leaf: X509Certificate, host: string): boolean {
  return (isIP(host) === 0 ? leaf.checkHost(host) : leaf.checkIP(host)) !== undefined;
}

const isoOf = (time: number): string => new Date(time).toISOString();

function publicUrls(config: Config): [string, string][] {
  const { only } = config;
  return SERVICES.flatMap((name): [string, string][] => {
    // In a server that runs alone, the registry's URL only says which registry to follow.
    const url =
      name === 'authserver' || (only !== undefined && only !== name) ? undefined : config[`${name}Url`];
    return url === undefined ? [] : [[`--${name}-url`, url]];
  });
}

/** @throws Error when clients would be sent to http, where nothing answers */
function checkUrls(config: Config): void {
  for (const [flag, url] of publicUrls(config))
    if (!url.startsWith('https:'))
      throw new Error(`${flag}: expected an https URL, because --tls-cert is given, received ${url}`);
}

/** Beyond loopback, public URLs are https unless they name this machine. Then a proxy ends TLS in front of the server. */
function warnOfPlaintext(config: Config, onError: OnError): void {
  if (config.metricsPort !== undefined && !isLoopbackAddress(config.metricsHost))
    onError(
      'metrics, and the secret that opens them, travel unencrypted; give --tls-cert and --tls-key',
      'tls.missing',
      {
        about: `--metrics-host ${config.metricsHost}`,
      },
    );
  if (isLoopbackAddress(config.host)) return;
  for (const [flag, url] of publicUrls(config))
    if (!url.startsWith('https:'))
      onError(
        `tokens and answers travel unencrypted; give --tls-cert and --tls-key, or the https URL of a proxy as ${flag}`,
        'tls.missing',
        { about: `--host ${config.host}` },
      );
}
