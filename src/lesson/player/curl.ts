/**
 * Turns a request of a transcript into a shell line that sends the same bytes with curl, suppressing the headers that curl would
 * add. Secrets become variables: everybody on the machine can see a command line, and the shell keeps it in a file.
 */
import { shellWord } from '../../pages/shell.js';

export type Variables = { [name: string]: string };
export type Line = { kind: 'curl'; line: string } | { kind: 'not'; why: string };

/** Headers that curl adds by default. */
const DEFAULT_HEADERS = ['Host', 'User-Agent', 'Accept'];
/** Shells accept no longer argument. */
const MAX_BODY = 100_000;
/** From this size on, curl first asks the server whether it may send the body. */
const EXPECT_FROM = 1_000_000;

export function curlLine(bytes: Buffer, url: URL, variables: Variables = {}): Line {
  const end = bytes.indexOf('\r\n\r\n');
  if (end < 0) return { kind: 'not', why: 'it has no complete head' };
  const [start = '', ...headers] = bytes.toString('latin1', 0, end).split('\r\n');
  const body = bytes.subarray(end + 4).toString('latin1');
  const [, method, target, version] = /^([A-Z]+) (\S+) HTTP\/(1\.[01])$/.exec(start) ?? [];
  if (method === undefined || target === undefined || version === undefined) {
    return { kind: 'not', why: 'it has no valid request line' };
  }
  const names = headers.map((line) => line.split(':', 1)[0]?.toLowerCase() ?? '');
  const why = problemOf(headers, names, body);
  if (why !== undefined) return { kind: 'not', why };

  const simple = /^\/[\w./?=&%~:@!$,;+-]*$/.test(target) && !/\/\.\.?(\/|$)/.test(target);
  const parts = ['curl -si', ...methodParts(method, body)];
  if (version === '1.0') parts.push('-0');
  parts.push(quoted(url.origin + (simple ? target : '')));
  if (!simple) parts.push(`--request-target ${quoted(target)}`);
  const has = (name: string) => names.includes(name.toLowerCase());
  const unwanted = [...DEFAULT_HEADERS, ...bodyHeaders(body)].filter((name) => !has(name));
  for (const name of unwanted) parts.push(`-H '${name}:'`);
  for (const line of headers) {
    // Curl writes these correctly by itself.
    if (line.toLowerCase() === `host: ${url.host}`) continue;
    if (line === `Content-Length: ${body.length}` && body !== '') continue;
    parts.push(`-H ${quoted(line.replace(/: *$/, ';'), variables)}`);
  }
  if (body !== '') parts.push(`--data-binary ${quoted(body, variables)}`);
  return { kind: 'curl', line: parts.join(' ') };
}

function problemOf(headers: string[], names: string[], body: string): string | undefined {
  if (headers.some((line) => !/^[\w!#$%&'*+.^`|~-]+:/.test(line))) return 'it has an invalid header line';
  if (names.some((name, index) => ['host', 'content-length'].includes(name) && names.indexOf(name) < index))
    return 'it repeats a header that curl sends only once';
  if (names.includes('transfer-encoding')) return 'curl would choose its own chunks';
  if (headers.some((line) => line.includes('\n') || line.includes('\0')) || body.includes('\0'))
    return 'it contains a byte that no argument can contain';
  return body.length > MAX_BODY ? 'the body is too long for a command line' : undefined;
}

/** With -I curl waits for no body; with a body it uses POST by default. */
function methodParts(method: string, body: string): string[] {
  if (method === 'HEAD') return ['-I'];
  const defaultMethod = body === '' ? 'GET' : 'POST';
  return method === defaultMethod ? [] : [`-X ${method}`];
}

function bodyHeaders(body: string): string[] {
  if (body === '') return [];
  return ['Content-Type', 'Content-Length', ...(body.length < EXPECT_FROM ? [] : ['Expect'])];
}

/** `text` is latin1, one character per byte. Variables go into double quotes, bytes outside ASCII into bash's $''. */
function quoted(text: string, variables: Variables = {}): string {
  for (const [name, value] of Object.entries(variables)) {
    const at = value === '' ? -1 : text.indexOf(value);
    if (at < 0) continue;
    const [before, after] = [text.slice(0, at), text.slice(at + value.length)];
    if (/[^\x20-\x7e]/.test(before + after)) continue;
    const inDouble = (part: string) => part.replace(/[\\"$`]/g, '\\$&');
    return `"${inDouble(before)}$${name}${inDouble(after)}"`;
  }
  if (/^[\x20-\x7e\n]*$/.test(text)) return shellWord(text);
  const bytes = text.replace(
    /[^\x20-\x7e]|[\\']/g,
    (char) => `\\x${char.charCodeAt(0).toString(16).padStart(2, '0')}`,
  );
  return `$'${bytes}'`;
}
