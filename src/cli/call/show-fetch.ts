/**
 * A `fetch` that prints what it does, for the requests to an authorization server. It shows what was handed to fetch, which adds
 * a few headers of its own. Codes, tokens and secrets are masked.
 */
import { type Look, ruleLine, traceLook } from '../../lesson/look.js';
import { AUTHSERVER } from '../../lesson/trace/exchange.js';
import { exchangeFromBytes } from '../../lesson/trace/from-bytes.js';
import { answerText, requestText } from '../../lesson/trace/terminal.js';

const MAX_BYTES = 64 * 1024;

export function showFetch(look: Look, print: (text: string) => void, now: () => Date): typeof fetch {
  const trace = traceLook(look);
  let count = 0;
  return async (input, init) => {
    const url = new URL(String(input instanceof Request ? input.url : input));
    const response = await fetch(input, init);
    count += 1;
    const request = requestBytes(url, init);
    const reply = await responseBytes(response);
    const exchange = exchangeFromBytes(request, reply, {
      number: count,
      server: AUTHSERVER,
      time: now().toISOString(),
    });
    print(`\n${ruleLine(`token ${count} · ${exchange.verb} ${exchange.path} · ${url.host}`, look)}\n`);
    print(requestText(exchange, trace));
    print(answerText(exchange, trace));
    return response;
  };
}

function requestBytes(url: URL, { method = 'GET', headers, body }: RequestInit = {}): Buffer {
  const allHeaders = new Headers(headers);
  const text = body instanceof URLSearchParams ? body.toString() : typeof body === 'string' ? body : '';
  if (body instanceof URLSearchParams && !allHeaders.has('content-type'))
    allHeaders.set('content-type', 'application/x-www-form-urlencoded;charset=UTF-8');
  return messageBytes(
    `${method} ${url.pathname}${url.search} HTTP/1.1`,
    [['host', url.host], ...allHeaders],
    text,
  );
}

/** The caller reads the response itself, so this reads a copy, up to a bound. */
async function responseBytes(response: Response): Promise<Buffer> {
  const parts: Uint8Array[] = [];
  let length = 0;
  try {
    for await (const part of response.clone().body ?? []) {
      length += part.length;
      parts.push(part);
      if (length > MAX_BYTES) break;
    }
  } catch {
    // The caller's own reading fails as well, and says why.
  }
  const { status, statusText, headers } = response;
  const text = Buffer.concat(parts).toString('utf8');
  return messageBytes(`HTTP/1.1 ${status} ${statusText}`, [...headers], text);
}

/** The body's length and coding are those of the copy. */
function messageBytes(line: string, headers: readonly (readonly [string, string])[], body: string): Buffer {
  const ownHeaders = headers.filter(
    ([name]) => !/^(content-length|content-encoding|transfer-encoding)$/i.test(name),
  );
  const lines = [line, ...ownHeaders.map(([name, value]) => `${name}: ${value}`)];
  if (body !== '') lines.push(`content-length: ${Buffer.byteLength(body)}`);
  return Buffer.from(`${lines.join('\r\n')}\r\n\r\n${body}`);
}
