/** Where the pages of the trace stand. */
import { methodOf, type Traced } from '../exchange.js';

export const TRACE_PATH = '/trace';
export const STYLE_PATH = `${TRACE_PATH}/style.css`;
export const SCRIPT_PATH = `${TRACE_PATH}/script.js`;
export const EVENTS_PATH = `${TRACE_PATH}/events`;

export const exchangePath = (number: number): string => `${TRACE_PATH}/${number}`;
export const wirePath = (number: number): string => `${TRACE_PATH}/${number}.wire`;

/** What an exchange was about, in few words. */
export function aboutOf(traced: Traced): string {
  const { verb, path, verdicts } = traced;
  const target = verdicts[0]?.target;
  const method = methodOf(traced);
  if (method === undefined) return `${verb} ${path}`;
  return target === undefined ? method : `${method} ${target}`;
}
