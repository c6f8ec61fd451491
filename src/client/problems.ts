/** What another server's failure means, as a sentence that a person can act on: no connection, or an answer that is not MCP. */
import type { IncomingHttpHeaders } from 'node:http';
import { http } from '../wire/http/node-http.js';
import { shorten } from '../wire/value.js';

export type ConnectionProblem = {
  kind: 'tls' | 'dns' | 'unreachable' | 'protocol' | 'too-large' | 'closed';
  reason: string;
};
export type AnswerProblem = {
  kind: 'redirect' | 'proxy' | 'html' | 'http' | 'protocol';
  reason: string;
  location?: string;
};

const UNTRUSTED = 'its certificate comes from no issuer that this machine trusts';
const CERTIFICATES: { [code: string]: string } = {
  CERT_HAS_EXPIRED: 'its certificate has expired',
  CERT_NOT_YET_VALID: 'its certificate is not valid yet; check the clock of this machine',
  CERT_REVOKED: 'its certificate was revoked',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'its certificate is self-signed',
  SELF_SIGNED_CERT_IN_CHAIN: 'a certificate in its chain is self-signed',
  UNABLE_TO_GET_ISSUER_CERT: UNTRUSTED,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: UNTRUSTED,
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: UNTRUSTED,
  ERR_TLS_CERT_ALTNAME_INVALID: 'its certificate is for another name',
};
/** With these, the missing authority can be added. */
const TRUSTABLE = /SELF_SIGNED|UNABLE_TO/;

const UNREACHABLE: { [code: string]: string } = {
  ECONNREFUSED: 'nothing listens there (connection refused)',
  EHOSTUNREACH: 'no route leads there',
  ENETUNREACH: 'no route leads there',
  EHOSTDOWN: 'the host is down',
  ETIMEDOUT: 'it did not accept the connection in time',
};

/** From what node:net, node:tls or node:http report. `proxy` is the one that this machine is set up for, if any. */
export function connectionProblem(cause: unknown, url: URL, proxy?: string): ConnectionProblem {
  const { code = '', message = String(cause) } = cause as { code?: string; message?: string };
  const indirect = proxy === undefined ? '' : `; this machine uses the proxy ${proxy}, this client does not`;
  if (CERTIFICATES[code] !== undefined) {
    const remedy = TRUSTABLE.test(code) ? '; to trust it, name its authority in NODE_EXTRA_CA_CERTS' : '';
    return { kind: 'tls', reason: `cannot trust the server: ${CERTIFICATES[code]}${remedy}` };
  }
  if (/wrong version number|packet length too long/.test(message))
    return { kind: 'tls', reason: 'the server does not speak TLS there; try http:// instead of https://' };
  if (/^(EPROTO$|ERR_SSL|ERR_TLS)/.test(code)) return { kind: 'tls', reason: `TLS failed: ${message}` };
  if (code === 'ENOTFOUND') return { kind: 'dns', reason: `no such host: ${url.hostname}${indirect}` };
  if (code === 'EAI_AGAIN')
    return { kind: 'dns', reason: `the name ${url.hostname} cannot be looked up now${indirect}` };
  if (UNREACHABLE[code] !== undefined)
    return { kind: 'unreachable', reason: `${UNREACHABLE[code]}${indirect}` };
  if (code === 'HPE_HEADER_OVERFLOW')
    return { kind: 'too-large', reason: 'the header of the answer is too large' };
  if (code.startsWith('HPE_')) {
    const hint = url.protocol === 'http:' ? '; the server may want https://' : '';
    return {
      kind: 'protocol',
      reason: `the answer is not HTTP (${message.replace(/^Parse Error: /, '')})${hint}`,
    };
  }
  if (code === 'ECONNRESET' || code === 'EPIPE')
    return { kind: 'closed', reason: 'the server closed the connection before it answered' };
  return { kind: 'closed', reason: `the connection failed: ${message}` };
}

/** `http://…/mcp answered 404 Not Found` */
export function answered(url: URL, status: number): string {
  return `${url.href} answered ${status} ${http.STATUS_CODES[status] ?? ''}`.trim();
}

/** What an answer is that has no message of MCP. */
export function answerProblem(
  url: URL,
  status: number,
  headers: IncomingHttpHeaders,
  body: string,
): AnswerProblem {
  const answer = answered(url, status);
  if (status >= 300 && status < 400) {
    const { location } = headers;
    if (location === undefined) return { kind: 'redirect', reason: `${answer} without saying where to go` };
    const target = URL.canParse(location, url.href) ? new URL(location, url).href : location;
    const reason = `${answer}, which leads to ${target}; give that address if you trust it`;
    return { kind: 'redirect', reason, location: target };
  }
  if (status === 407) return { kind: 'proxy', reason: `${answer}: a proxy on the way wants credentials` };
  const text = body.trim();
  const type = headers['content-type'] ?? 'no content type';
  if (/^(<!doctype html|<html)/i.test(text) || /^text\/html/i.test(type)) {
    const reason = `${answer} with a page for browsers; this is not the address of an MCP server`;
    return { kind: 'html', reason };
  }
  if (status >= 400) {
    const excerpt = text === '' ? '' : `: ${shorten(text.replace(/\s+/g, ' '), 200)}`;
    return { kind: 'http', reason: `${answer}${excerpt}` };
  }
  const content = text === '' ? 'nothing' : type;
  return {
    kind: 'protocol',
    reason: `${answer} with ${content}; expected application/json or text/event-stream`,
  };
}
