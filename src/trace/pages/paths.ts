/** Where the pages of the trace stand. */

export const TRACE_PATH = '/trace';
export const STYLE_PATH = `${TRACE_PATH}/style.css`;
export const SCRIPT_PATH = `${TRACE_PATH}/script.js`;
export const EVENTS_PATH = `${TRACE_PATH}/events`;

export const exchangePath = (number: number): string => `${TRACE_PATH}/${number}`;
export const wirePath = (number: number): string => `${TRACE_PATH}/${number}.wire`;
