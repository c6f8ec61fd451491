/** The addresses of the pages. Every link and every form takes its address from here. */
import type { Query } from '../search/types.js';

export const LIST_PATH = '/';
export const STYLE_PATH = '/style.css';
export const SCRIPT_PATH = '/page.js';
export const LIVE_PATH = '/live.js';
export const SIGN_IN_PATH = '/sign-in';
export const SIGN_OUT_PATH = '/sign-out';
export const ADD_PATH = '/servers';

/** How many servers a page of the list has by default. */
export const PAGE_LIMIT = 20;

export function serverPath(server: string): string {
  return `/servers/${segment(server)}`;
}

export function toolPath(server: string, tool: string): string {
  return `${serverPath(server)}/tools/${segment(tool)}`;
}

/** A browser resolves these as steps through the path, even when they are percent-encoded. */
export function hasPath(tool: string): boolean {
  return tool !== '.' && tool !== '..';
}

/** Ids of a tool's parts append a colon and a word, because no name has a colon here. */
export function toolAnchor(tool: string): string {
  return `tool-${segment(tool)}`;
}

/** The address that signs a person in and leads back. */
export function signInPath(to: string): string {
  return `${SIGN_IN_PATH}?${new URLSearchParams({ to })}`;
}

/** The address of a list. Defaults are left out, so that people can read the address. */
export function listAddress(query: Query, changes: Partial<Query> = {}): string {
  const { offset, limit, ...filters } = { ...query, ...changes };
  const parameters = new URLSearchParams();
  for (const name of ['q', 'owner', 'scope', 'destructive', 'state'] as const) {
    const value = filters[name];
    if (value !== undefined && value !== '') parameters.set(name, String(value));
  }
  if (offset > 0) parameters.set('offset', String(offset));
  if (limit !== PAGE_LIMIT) parameters.set('limit', String(limit));
  return parameters.size === 0 ? LIST_PATH : `${LIST_PATH}?${parameters}`;
}

/** A text as one segment of a path, or in an id. */
export function segment(text: string): string {
  // Half of a surrogate pair has no encoding.
  return encodeURIComponent(text.replace(/\p{Surrogate}/gu, '\ufffd'));
}
