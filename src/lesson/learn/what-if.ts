/** Instructive mistakes: each changes a request in one way, so that its reader can guess what the server answers. */

export type WhatIf = {
  id: string;
  /** Continues "What if you …". */
  label: string;
  /** The changed request; undefined if it has nothing to change. */
  change: (request: string) => string | undefined;
};

const VERSION = '1999-01-01';
const REVISION = /\b20\d\d-\d\d-\d\d\b/;

/** Undefined if nothing was replaced. */
const replace = (request: string, pattern: RegExp, by: string): string | undefined =>
  pattern.test(request) ? request.replace(pattern, by) : undefined;
const header = (name: string): RegExp => new RegExp(`^(${name}):.*$`, 'im');
const without = (name: string) => (request: string) =>
  replace(request, new RegExp(`^${name}:.*\n`, 'im'), '');
const isPost = (request: string): boolean => request.startsWith('POST ');
/** Adds a header behind the request line of a message, unless the request has it. */
const addHeader = (name: string, value: string) => (request: string) =>
  request.startsWith('POST /mcp ') && !header(name).test(request)
    ? request.replace('\n', `\n${name}: ${value}\n`)
    : undefined;

/** The most instructive ones first. */
export const WHAT_IFS: readonly WhatIf[] = [
  { id: 'no-version', label: 'leave out MCP-Protocol-Version', change: without('mcp-protocol-version') },
  {
    id: 'other-name',
    label: 'name another tool in Mcp-Name than in the body',
    change: (request) => replace(request, header('mcp-name'), '$1: something.else'),
  },
  {
    id: 'text-id',
    label: 'send the id as a text',
    change: (request) => replace(request, /"id": ?(\d+)/, '"id":"$1"'),
  },
  { id: 'no-token', label: 'send no token', change: addHeader('Authorization', '{{absent}}') },
  {
    id: 'other-audience',
    label: 'use a token for another server',
    change: addHeader('Authorization', 'Bearer {{elsewhere}}'),
  },
  {
    id: 'html',
    label: 'accept text/html only',
    change: (request) => replace(request, header('accept'), '$1: text/html'),
  },
  {
    id: 'other-version',
    label: 'name another revision in the header than in the body',
    change: (request) =>
      request.includes('io.modelcontextprotocol/protocolVersion')
        ? replace(request, header('mcp-protocol-version'), '$1: 2025-11-25')
        : undefined,
  },
  { id: 'no-method', label: 'leave out Mcp-Method', change: without('mcp-method') },
  {
    id: 'old-version',
    label: `ask for revision ${VERSION}`,
    change: (request) =>
      header('mcp-protocol-version').test(request)
        ? request.replaceAll(new RegExp(REVISION, 'g'), VERSION)
        : undefined,
  },
  {
    id: 'no-id',
    label: 'leave out the id',
    change: (request) => replace(request, /"id": ?(?:\d+|"[^"\n]*"), ?/, ''),
  },
  {
    id: 'null-id',
    label: 'send id: null',
    change: (request) => replace(request, /"id": ?(?:\d+|"[^"\n]*")/, '"id":null'),
  },
  {
    id: 'get',
    label: 'use GET',
    change: (request) =>
      isPost(request) ? `${request.split('\n\n', 1)[0]?.replace('POST', 'GET')}` : undefined,
  },
  {
    id: 'text',
    label: 'send it as text/plain',
    change: (request) => replace(request, header('content-type'), '$1: text/plain'),
  },
  {
    id: 'other-method',
    label: 'misspell the method',
    change: (request) => replace(request, /"method": ?"([^"]+)"/, '"method":"$1s"'),
  },
  {
    id: 'broken',
    label: 'forget the last brace',
    change: (request) => (isPost(request) ? replace(request, /\}\s*$/, '') : undefined),
  },
];

/** Those that change this request: it may make the mistake already. */
export function whatIfsFor(request: string): WhatIf[] {
  return WHAT_IFS.filter(({ change }) => ![undefined, request].includes(change(request)));
}

/** The statuses to choose from, with their names. */
export const GUESSES: readonly (readonly [status: number, name: string])[] = [
  [200, 'OK'],
  [202, 'Accepted'],
  [400, 'Bad Request'],
  [401, 'Unauthorized'],
  [403, 'Forbidden'],
  [404, 'Not Found'],
  [405, 'Method Not Allowed'],
  [406, 'Not Acceptable'],
  [415, 'Unsupported Media Type'],
];
