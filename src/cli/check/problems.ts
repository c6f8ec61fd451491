/** Says in one sentence why a server could not be checked. */
import { whyUnreachable } from '../unreachable.js';
import { CheckError, type Headers, type Reply } from './connection.js';

/** @param error what a connection failed with, as Peer reports it */
export function connectionProblem(error: unknown, url: URL, timeoutMs: number): CheckError {
  const { message, cause } = error instanceof Error ? error : new Error(String(error));
  const { host } = url;
  if (cause !== undefined) return new CheckError(whyUnreachable(cause, url));
  if (/did not come within/.test(message))
    return new CheckError(
      `${host} sent no answer within ${timeoutMs / 1000} s; --timeout sets how long to wait`,
    );
  if (/not a status line|not a header line/.test(message))
    return new CheckError(`${host} does not speak HTTP/1.1: ${message}`);
  if (/the other side ended/.test(message))
    return new CheckError(`${host} closed the connection without an answer`);
  return new CheckError(`${host}: ${message}`);
}

/** Why an answer does not come from an MCP server; undefined if it may. */
export function replyProblem({ status, headers, text, message }: Reply, url: URL): string | undefined {
  const header = (name: string) => headerOf(headers, name);
  const location = header('location');
  if (status >= 300 && status < 400 && location !== undefined) {
    const target = URL.canParse(location, url.href) ? new URL(location, url).href : location;
    return `it redirects to ${target}; check that address instead`;
  }
  if (status === 407)
    return 'a proxy between here and the server asks for a password, and this command does not send one';
  if (/^text\/html/i.test(header('content-type') ?? '')) {
    const title = titleOf(text);
    return `it answered ${status} with an HTML page${title === undefined ? '' : ` ("${title}")`}, so this is not the address of an MCP endpoint`;
  }
  if (message === undefined) {
    const body =
      text === '' ? 'an empty body' : `a body that is not JSON-RPC: ${JSON.stringify(text.slice(0, 80))}`;
    return `it answered ${status} with ${body}`;
  }
  if (message.jsonrpc !== '2.0') return `it answered ${status} with JSON that is not JSON-RPC 2.0`;
  return undefined;
}

function titleOf(html: string): string | undefined {
  const start = html.slice(0, 2_000).toLowerCase().indexOf('<title>');
  if (start < 0) return undefined;
  const text = html.slice(start + '<title>'.length);
  return text.slice(0, Math.min(80, text.indexOf('<'))).trim();
}

export function headerOf(headers: Headers, name: string): string | undefined {
  return headers.find(([key]) => key.toLowerCase() === name)?.[1];
}
