/** Notes for what a server answers beside MCP: documents, probes, the approval pages, the API of the registry. */
import type { NoteRows } from './note.js';

const M = '2026-07-28';
const L = '2025-11-25';
const HTTP = 'RFC 9110';
const OWN = "this project's own; no MCP document defines it";

/** By the first segment of the path, and for some by the method too. */
export const WEB_LINES: NoteRows = {
  '.well-known': {
    what: 'the client reads about this server, such as who issues tokens for it; this needs no token',
    modern: `${M}/authorization/008`,
    legacy: `${L}/authorization/008`,
    source: ['src/oauth/discovery.ts', 'function discoveryRoute'],
  },
  'GET approvals': {
    what: 'an approver opens the page of a waiting call, in a browser; MCP leaves such pages to the server',
    elsewhere: OWN,
    source: ['src/governance/approval/web/decide.ts', 'function showOne'],
  },
  'POST approvals': {
    what: 'an approver clicks: the form of the page says approve or refuse',
    elsewhere: OWN,
    source: ['src/governance/approval/web/decide.ts', 'function decide'],
  },
  'GET api': {
    what: 'reads from the registry: servers, tools, switches; this needs no token',
    elsewhere: OWN,
    source: ['src/services/registry/api/operations.ts', 'const OPERATIONS'],
  },
  api: {
    what: 'changes something in the registry: adds a server, or switches a server or a tool on or off',
    elsewhere: OWN,
    source: ['src/services/registry/api/operations.ts', 'const OPERATIONS'],
  },
  'v0.1': {
    what: 'reads the registry in the form of the official MCP registry',
    elsewhere: 'the API of the official MCP registry',
    source: ['src/services/registry/router.ts', 'function answerOfficial'],
  },
  healthz: {
    what: 'a probe: is the process up?',
    elsewhere: OWN,
    source: ['src/wire/server/handle.ts', "'/healthz'"],
  },
  readyz: {
    what: 'a probe: does everything work that a call needs?',
    elsewhere: OWN,
    source: ['src/wire/server/handle.ts', "'/readyz'"],
  },
  metrics: {
    what: 'numbers for monitoring; only with the secret of the operator',
    elsewhere: OWN,
    source: ['src/app/metrics.ts', 'function metricsRoute'],
  },
};

export const WEB_STATUS: NoteRows = {
  200: { what: 'it worked; the body has what was asked for', elsewhere: `${HTTP}, section 15.3.1` },
  202: { what: 'added; the server checks it from now on', elsewhere: `${HTTP}, section 15.3.3` },
  303: {
    what: 'done; the browser goes on to the page that shows it, and a reload sends nothing twice',
    elsewhere: `${HTTP}, section 15.4.4`,
  },
  400: { what: 'the request itself is wrong; the body says how', elsewhere: `${HTTP}, section 15.5.1` },
  403: { what: 'refused; the body says why', elsewhere: `${HTTP}, section 15.5.4` },
  404: { what: 'there is nothing at this address', elsewhere: `${HTTP}, section 15.5.5` },
  405: { what: 'this address does not take this HTTP method', elsewhere: `${HTTP}, section 15.5.6` },
  409: { what: 'it contradicts what is there already', elsewhere: `${HTTP}, section 15.5.10` },
  410: { what: 'it was there, and its time is over', elsewhere: `${HTTP}, section 15.5.11` },
  503: { what: 'not now: something that a call needs does not work', elsewhere: `${HTTP}, section 15.6.4` },
};

/** Where they differ from those at the MCP endpoint. */
export const WEB_HEADERS: { request: NoteRows; response: NoteRows } = {
  request: {
    accept: { what: 'what the client can read', elsewhere: `${HTTP}, section 12.5.1` },
    'content-type': {
      what: 'the format of the body: a form from a page, JSON for an API',
      elsewhere: `${HTTP}, section 8.3`,
    },
    'barewire-session': {
      what: 'the session of a person who has signed in; a script of the page sends it, so that no other page can',
      elsewhere: OWN,
      source: ['src/pages/signin/session.ts', 'SESSION_HEADER ='],
    },
    origin: {
      what: 'the origin of the page, set by the browser; a form from another origin is refused',
      elsewhere: 'Fetch, Origin header',
      source: ['src/pages/signin/form.ts', 'function checkSender'],
    },
    'sec-fetch-site': {
      what: 'whether the page that sends this is from the same site, set by the browser',
      elsewhere: 'Fetch Metadata Request Headers',
      source: ['src/pages/signin/form.ts', 'function checkSender'],
    },
    'sec-fetch-mode': {
      what: 'how the browser asks; navigate means that a person opens a page',
      elsewhere: 'Fetch Metadata Request Headers',
    },
  },
  response: {
    'content-type': { what: 'the format of the body', elsewhere: `${HTTP}, section 8.3` },
    'content-security-policy': {
      what: 'what the page may load and where its forms go: this server alone',
      elsewhere: 'CSP Level 3',
      source: ['src/pages/reply.ts', "'content-security-policy'"],
    },
    'x-frame-options': {
      what: 'no other page may show this one inside itself, to catch clicks meant for something else',
      elsewhere: 'HTML, X-Frame-Options',
      source: ['src/pages/reply.ts', "'x-frame-options'"],
    },
    'referrer-policy': {
      what: 'pages of other sites do not learn this address',
      elsewhere: 'Referrer Policy',
      source: ['src/pages/reply.ts', "'referrer-policy'"],
    },
    'barewire-session': {
      what: 'none: nobody is signed in with this request',
      elsewhere: OWN,
      source: ['src/pages/signin/session.ts', 'SESSION_HEADER ='],
    },
  },
};

/** Whether a path is one of these. Everything else is treated as the MCP endpoint, whose path is a setting. */
export function isWebPath(path: string): boolean {
  const [, first = ''] = path.split('/');
  return Object.keys(WEB_LINES).some((key) => key.split(' ').at(-1) === first);
}

export function webLineKey(method: string, path: string): string {
  const [, first = ''] = path.split('/');
  const key = `${method} ${first}`;
  return Object.hasOwn(WEB_LINES, key) ? key : first;
}
