/** Saves each exchange that is over as a transcript, in a folder that only this user can read. */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { aboutOf, type TracedExchange } from '../../lesson/trace/exchange.js';
import { wireOf } from '../../lesson/trace/wire.js';

const MAX_FILES = 10_000;
const MAX_NAME = 60;

export type Saver = {
  save(exchange: TracedExchange): void;
  /** Resolves when everything is on disk. */
  flush(): Promise<void>;
};

/** @param problem gets a line about the first file that could not be written, and when the folder is full */
export async function createSaver(folder: string, problem: (text: string) => void): Promise<Saver> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  let count = 0;
  let failed = false;
  let writing = Promise.resolve();
  const fail = (text: string): void => {
    if (!failed) problem(text);
    failed = true;
  };
  const write = async (file: string, text: string): Promise<void> => {
    try {
      await writeFile(join(folder, file), text, { mode: 0o600 });
    } catch (error) {
      fail(`--save: ${error instanceof Error ? error.message : error}`);
    }
  };
  return {
    save(exchange) {
      const text = wireOf(exchange);
      if (text === undefined) return;
      if (count === MAX_FILES) return fail(`--save: no more than ${MAX_FILES} exchanges are saved`);
      count += 1;
      writing = writing.then(() => write(nameOf(exchange), text));
    },
    flush: () => writing,
  };
}

function nameOf(exchange: TracedExchange): string {
  const about = aboutOf(exchange)
    .replace(/[^\w.]+/g, '-')
    .replace(/^-|-$/g, '')
    .slice(0, MAX_NAME);
  return `${String(exchange.number).padStart(4, '0')}-${about}.wire`;
}
