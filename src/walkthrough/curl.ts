/**
 * A request of a transcript as a line for a shell that sends the same bytes with curl: what curl would add of its own
 * is suppressed. Secrets become variables, for a command line is seen by everybody on the machine and kept in a file.
 */

export type Variables = { [name: string]: string };
export type Line = { kind: 'curl'; line: string } | { kind: 'not'; why: string };

/** Headers that curl adds unless told otherwise. */
const ADDED = ['Host', 'User-Agent', 'Accept'];
/** Beyond this many characters a shell takes no argument. */
const LONGEST = 100_000;
/** From here on curl asks the server first whether it may send a body. */
const EXPECT_FROM = 1_000_000;

export function curlLine(bytes: Buffer, url: URL, variables: Variables = {}): Line {
  const end = bytes.indexOf('\r\n\r\n');
  if (end < 0) return { kind: 'not', why: 'it has no complete head' };
  const [start = '', ...headers] = bytes.toString('latin1', 0, end).split('\r\n');
  const body = bytes.subarray(end + 4).toString('latin1');
  const [, method, target, version] = /^([A-Z]+) (\S+) HTTP\/(1\.[01])$/.exec(start) ?? [];
  if (method === undefined || target === undefined || version === undefined) {
    return { kind: 'not', why: 'the request line is not one' };
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
  const unwanted = [...ADDED, ...addedToBody(body)].filter((name) => !has(name));
  for (const name of unwanted) parts.push(`-H '${name}:'`);
  for (const line of headers) {
    // What curl writes itself, and rightly.
    if (line.toLowerCase() === `host: ${url.host}`) continue;
    if (line === `Content-Length: ${body.length}` && body !== '') continue;
    parts.push(`-H ${quoted(line.replace(/: *$/, ';'), variables)}`);
  }
  if (body !== '') parts.push(`--data-binary ${quoted(body, variables)}`);
  return { kind: 'curl', line: parts.join(' ') };
}

function problemOf(headers: string[], names: string[], body: string): string | undefined {
  if (headers.some((line) => !/^[\w!#$%&'*+.^`|~-]+:/.test(line))) return 'one of its header lines is none';
  if (names.some((name, index) => ['host', 'content-length'].includes(name) && names.indexOf(name) < index))
    return 'a header that curl sends once is there twice';
  if (names.includes('transfer-encoding')) return 'curl makes chunks of its own';
  if (headers.some((line) => line.includes('\n') || line.includes('\0')) || body.includes('\0'))
    return 'it holds a byte that no argument can hold';
  return body.length > LONGEST ? 'the body is too long for a command line' : undefined;
}

/** -I waits for no body; with a body curl says POST by itself. */
function methodParts(method: string, body: string): string[] {
  if (method === 'HEAD') return ['-I'];
  const own = body === '' ? 'GET' : 'POST';
  return method === own ? [] : [`-X ${method}`];
}

function addedToBody(body: string): string[] {
  if (body === '') return [];
  return ['Content-Type', 'Content-Length', ...(body.length < EXPECT_FROM ? [] : ['Expect'])];
}

/** `text` is latin1: a byte a character. Variables stand in double quotes, bytes that are not ASCII in bash's $''. */
function quoted(text: string, variables: Variables = {}): string {
  for (const [name, value] of Object.entries(variables)) {
    const at = value === '' ? -1 : text.indexOf(value);
    if (at < 0) continue;
    const [before, after] = [text.slice(0, at), text.slice(at + value.length)];
    if (/[^\x20-\x7e]/.test(before + after)) continue;
    const inDouble = (part: string) => part.replace(/[\\"$`]/g, '\\$&');
    return `"${inDouble(before)}$${name}${inDouble(after)}"`;
  }
  if (/^[\w./:=,@%+-]+$/.test(text)) return text;
  if (/^[\x20-\x7e\n]*$/.test(text)) return `'${text.replaceAll("'", "'\\''")}'`;
  const bytes = text.replace(
    /[^\x20-\x7e]|[\\']/g,
    (char) => `\\x${char.charCodeAt(0).toString(16).padStart(2, '0')}`,
  );
  return `$'${bytes}'`;
}
