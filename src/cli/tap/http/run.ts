/** Runs `tap URL` until the person at the terminal ends it. */
import { type ObservationOptions, openObservation } from '../observation.js';
import { openProxy, type ProxyOptions } from './proxy.js';
import { probe } from './reach.js';

export type HttpTapOptions = Omit<ObservationOptions, 'note'> &
  Pick<ProxyOptions, 'target' | 'port' | 'extraHeaders' | 'timeoutMs'> & {
    print(line: string): void;
    signal: AbortSignal;
  };

const PROBE_MS = 5_000;

export async function runHttpTap(options: HttpTapOptions): Promise<number> {
  const { target, print, signal } = options;
  const note = (text: string): void => print(`* ${text}`);
  const observation = await openObservation({ ...options, note });
  try {
    const proxy = await openProxy({ ...options, observation, problem: note });
    try {
      for (const line of welcome(target, proxy.address, observation.page)) print(line);
      const stopped = aborted(signal);
      const problem = await Promise.race([probe(target, PROBE_MS), stopped]);
      if (problem !== undefined) note(`${problem}. The tap tries again with each request.`);
      await stopped;
    } finally {
      await proxy.close();
    }
  } finally {
    await observation.close();
  }
  return 0;
}

function welcome(target: URL, address: URL, page: string): string[] {
  return [
    `The tap is open. Give your client this address:`,
    '',
    `  ${address.href}`,
    '',
    `It passes everything on to ${target.origin}${target.pathname}. Every byte, explained:`,
    '',
    `  ${page}`,
    '',
    'Ctrl-C ends it.',
  ];
}

function aborted(signal: AbortSignal): Promise<undefined> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve(undefined);
    else signal.addEventListener('abort', () => resolve(undefined), { once: true });
  });
}
