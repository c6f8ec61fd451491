/** Where the pages of the trace stand. `base` is TRACE_PATH with the secret: every link keeps it. */

export const TRACE_PATH = '/trace';
export const STYLE = 'style.css';
export const SCRIPT = 'script.js';
export const EVENTS = 'events';

export const exchangePath = (base: string, number: number): string => `${base}/${number}`;
export const wirePath = (base: string, number: number): string => `${base}/${number}.wire`;
