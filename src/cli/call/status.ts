/** The line that shows how far a call is: a bar where the end is known, the server's own words, and the time. */
import type { JsonObject } from '../../wire/value.js';
import { safeLine } from './safe.js';
import type { Screen } from './screen.js';

export type Progress = { progress: number; total?: number; message?: string };

const BAR = 20;
const MAX_MESSAGE = 60;
const EVERY_MS = 500;
/** A call that takes no longer needs no line. */
const QUIET_MS = 800;

/** Shows the latest news with the time that has passed. Call the result when the call is over. */
export function showStatus(
  screen: Screen,
  about: string,
  now: () => Date,
): { progress(progress: Progress): void; task(params: JsonObject): void; stop(): void } {
  const began = now().getTime();
  const elapsedMs = (): number => now().getTime() - began;
  let text = about;
  const draw = (): void => {
    if (elapsedMs() >= QUIET_MS) screen.status(`${text} ${Math.floor(elapsedMs() / 1000)} s`);
  };
  const timer = setInterval(draw, EVERY_MS);
  timer.unref();
  return {
    progress(progress) {
      text = progressText(progress);
      draw();
    },
    task(params) {
      text = taskText(params);
      draw();
    },
    stop() {
      clearInterval(timer);
      screen.status('');
    },
  };
}

export function progressText({ progress, total, message }: Progress): string {
  const words = message === undefined ? '' : ` ${safeLine(message, MAX_MESSAGE)}`;
  if (total === undefined || !(total > 0)) return `${amount(progress)}${words}`;
  const share = Math.min(1, Math.max(0, progress / total));
  const width = Math.round(share * BAR);
  return `${'█'.repeat(width)}${'░'.repeat(BAR - width)} ${Math.round(share * 100)} %${words}`;
}

/** What the server says of a task, or else its status. */
export function taskText({ status, statusMessage }: JsonObject): string {
  const words = typeof statusMessage === 'string' && statusMessage !== '' ? statusMessage : status;
  return `task: ${safeLine(words, MAX_MESSAGE)}`;
}

function amount(value: number): string {
  return Number.isInteger(value) ? String(value) : value.toFixed(2);
}
