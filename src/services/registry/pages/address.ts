/** Where the pages are: every link and every form takes its address from here. */
import type { Query } from '../search/search.js';

export const LIST_PATH = '/';
export const STYLE_PATH = '/style.css';
export const SCRIPT_PATH = '/page.js';
export const LIVE_PATH = '/live.js';
export const SIGN_IN_PATH = '/sign-in';
export const SIGN_OUT_PATH = '/sign-out';
export const ADD_PATH = '/servers';

/** How many servers a page of the list has unless its address says otherwise. */
export const PAGE_LIMIT = 20;

export function serverPath(server: string): string {
  return `/servers/${segment(server)}`;
}

export function toolPath(server: string, tool: string): string {
  return `${serverPath(server)}/tools/${segment(tool)}`;
}

/** A browser takes these for steps through the path, also when they are written as %2E. */
export function hasPath(tool: string): boolean {
  return tool !== '.' && tool !== '..';
}

/** What follows it in another id begins with a colon, which no name has here: `a` and `a-curl` may both be tools. */
export function toolAnchor(tool: string): string {
  return `tool-${segment(tool)}`;
}

/** The address that signs a person in and leads them back. */
export function signInPath(to: string): string {
  return `${SIGN_IN_PATH}?${new URLSearchParams({ to })}`;
}

/** The list as it was asked for, but for `other`. What says nothing is left out, so that people can read the address. */
export function listAddress(
  query: Query,
  other: { [Key in keyof Query]?: Query[Key] | undefined } = {},
): string {
  const { q, owner, scope, destructive, state, offset, limit } = { ...query, ...other };
  const said = new URLSearchParams();
  if (q !== undefined && q !== '') said.set('q', q);
  if (owner !== undefined) said.set('owner', owner);
  if (scope !== undefined) said.set('scope', scope);
  if (destructive !== undefined) said.set('destructive', String(destructive));
  if (state !== undefined) said.set('state', state);
  if (offset !== undefined && offset > 0) said.set('offset', String(offset));
  if (limit !== undefined && limit !== PAGE_LIMIT) said.set('limit', String(limit));
  return said.size === 0 ? LIST_PATH : `${LIST_PATH}?${said}`;
}

/** The text as one step of a path, and in an id. */
export function segment(text: string): string {
  // Half of a surrogate pair has no encoding.
  return encodeURIComponent(text.replace(/\p{Surrogate}/gu, '\ufffd'));
}
