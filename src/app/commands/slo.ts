/** `slo`: whether a server has kept what its manifest promises, from the histograms at `/metrics`. */
import { readText } from '../../oauth/fetch-json.js';
import { readSamples, type Sample } from '../../services/exposition.js';
import { OPERATION_DURATION, SERVER_ERRORS } from '../operations.js';
import { parseFlags } from '../settings/arguments.js';
import { WrongSetting } from '../settings/setting.js';
import { type Environment, readSettings } from '../settings/sources.js';
import type { Io } from './io.js';

const HELP = `usage: node dist/server.js slo --metrics URL [--metrics URL …]

Says whether a server has kept the availability and the p99 of its manifest since it started, from
its metrics. Give the URL of each replica: their calls are added up. A URL of http://…/metrics needs
the operator's secret, from BAREWIRE_OPERATOR_SECRET or --operator-secret-file; so does the port of
--metrics-port if it is not on loopback and the server was given the secret. The exit code is 0 if
the promise was kept, 1 if it was not, and 2 if the metrics cannot be read.

example:
  node dist/server.js slo --metrics http://127.0.0.1:9464/metrics/readonly`;

const OPTIONS = {
  metrics: { type: 'string', multiple: true },
  'operator-secret-file': { type: 'string' },
  help: { type: 'boolean', short: 'h' },
} as const;
const FETCH_MS = 10_000;
const MAX_BYTES = 32 * 1024 * 1024;

export async function sloCommand(
  args: readonly string[],
  environment: Environment,
  { print, signal }: Pick<Io, 'print' | 'signal'>,
): Promise<number> {
  const { values: flags } = parseFlags(args, OPTIONS, 'slo --help');
  if (flags.help === true) {
    print(HELP);
    return 0;
  }
  const { metrics: urls = [] } = flags;
  if (urls.length === 0)
    throw new WrongSetting(
      '--metrics: expected the URL of a server, like http://127.0.0.1:9464/metrics/readonly, received nothing',
    );
  const { operatorSecret } = readSettings(['operator-secret'], flags, environment);
  const headers = operatorSecret === undefined ? {} : { authorization: `Bearer ${operatorSecret}` };
  const texts = await Promise.all(urls.map((url) => fetchMetrics(url, headers, signal)));
  const report = sloReport(texts.map(readSamples));
  for (const line of report.lines) print(line);
  return report.isKept ? 0 : 1;
}

async function fetchMetrics(
  url: string,
  headers: { authorization?: string },
  signal: AbortSignal,
): Promise<string> {
  if (!/^https?:/.test(url) || !URL.canParse(url))
    throw new WrongSetting(`--metrics: expected an http or https URL, received ${JSON.stringify(url)}`);
  const { origin } = new URL(url);
  // The secret goes to the server that was named and to no other.
  const options = {
    headers,
    redirect: 'error',
    signal: AbortSignal.any([signal, AbortSignal.timeout(FETCH_MS)]),
  } as const;
  const response = await fetch(url, options).catch((cause: unknown) => {
    throw new Error(`${origin} does not answer`, { cause });
  });
  if (response.status !== 200)
    throw new Error(
      `${origin} answered ${response.status}; is this the address of metrics, and is the operator's secret right?`,
    );
  const text = await readText(response, MAX_BYTES);
  if (text === undefined) throw new Error(`${origin} answered more than ${MAX_BYTES} bytes`);
  return text;
}

/** @throws Error when a server promises nothing, or the servers promise different things */
export function sloReport(servers: readonly (readonly Sample[])[]): { lines: string[]; isKept: boolean } {
  const availability = promiseOf(servers, 'barewire_slo_availability_ratio');
  const p99 = promiseOf(servers, 'barewire_slo_p99_seconds');
  const samples = servers.flat();
  const calls = samples.filter(
    ({ name, labels }) =>
      name.startsWith(OPERATION_DURATION) &&
      labels.mcp_method_name === 'tools/call' &&
      labels.error_type !== 'cancelled',
  );
  const total = sum(calls, 'count');
  const answeredCalls = calls.filter(
    ({ labels: { error_type = '' } }) => !SERVER_ERRORS.includes(error_type),
  );
  // The token of a call could not be checked, so nobody knows whether it was one of a tool.
  const uncheckedCount = samples
    .filter(
      ({ name, labels }) => name === 'mcp_authorization_refused_total' && labels.reason === 'unreachable',
    )
    .reduce((count, { value }) => count + value, 0);
  if (total + uncheckedCount === 0) return { lines: ['no tool was called yet'], isKept: true };
  const answeredCount = sum(answeredCalls, 'count');
  const share = answeredCount / (total + uncheckedCount);
  const inTime = sum(answeredCalls, 'bucket', String(p99)) / Math.max(1, answeredCount);
  const keptPromises = [share >= availability, answeredCount === 0 || inTime >= 0.99];
  return {
    lines: [
      `calls since the start: ${total + uncheckedCount}`,
      `answered: ${percent(share)}, promised ${percent(availability)}: ${keptPromises[0] ? 'kept' : 'not kept'}`,
      `answered within ${p99} s: ${percent(inTime)}, promised 99 %: ${keptPromises[1] ? 'kept' : 'not kept'}`,
    ],
    isKept: !keptPromises.includes(false),
  };
}

function promiseOf(servers: readonly (readonly Sample[])[], metric: string): number {
  const values = servers.map((samples) => samples.find(({ name }) => name === metric)?.value);
  const [first] = values;
  if (first === undefined || values.includes(undefined))
    throw new Error('expected the metrics of an MCP server, which name what its manifest promises');
  if (values.some((value) => value !== first))
    throw new Error('the servers promise different things; ask about one at a time');
  return first;
}

function sum(samples: readonly Sample[], suffix: 'count' | 'bucket', le?: string): number {
  return samples
    .filter(({ name, labels }) => name === `${OPERATION_DURATION}_${suffix}` && labels.le === le)
    .reduce((total, { value }) => total + value, 0);
}

/** Rounded down, so that a promise that was missed by little does not look kept. */
function percent(ratio: number): string {
  return `${Math.floor(ratio * 1e5 + 1e-6) / 1e3} %`;
}
