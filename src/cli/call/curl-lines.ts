/** Prints each request of a client as a curl command. Tokens, sessions and the user's own headers become shell variables. */
import { curlLine, type Variables } from '../../lesson/player/curl.js';
import { headerOf } from '../../lesson/trace/headers.js';
import { type ExchangeListener, requestHeaders } from './exchange-reader.js';

export function printCurl(
  url: URL,
  userHeaders: readonly (readonly [name: string, value: string])[],
  print: (text: string) => void,
): ExchangeListener {
  const explainedVariables = new Set<string>();
  return {
    onAnswer({ request }) {
      const secrets = secretsOf(request, userHeaders);
      for (const { variable, about } of secrets) {
        if (explainedVariables.has(variable)) continue;
        explainedVariables.add(variable);
        print(`# ${variable}: ${about}\n`);
      }
      const variables: Variables = Object.fromEntries(
        secrets.map(({ variable, value }) => [variable, value]),
      );
      const line = curlLine(plainHead(request), url, variables);
      print(line.kind === 'curl' ? `${line.line}\n` : `# not with curl: ${line.why}\n`);
    },
  };
}

/** Without what curl writes by itself: the length of the body, and that the connection stays open. */
function plainHead(request: Buffer): Buffer {
  const end = request.indexOf('\r\n\r\n');
  const lines = request.toString('latin1', 0, Math.max(0, end)).split('\r\n');
  const headers = lines
    .filter((line) => !/^connection: keep-alive$/i.test(line))
    .map((line) => line.replace(/^content-length:/i, 'Content-Length:'));
  return Buffer.concat([Buffer.from(headers.join('\r\n'), 'latin1'), request.subarray(Math.max(0, end))]);
}

type Secret = { variable: string; value: string; about: string };

function secretsOf(
  request: Buffer,
  userHeaders: readonly (readonly [name: string, value: string])[],
): Secret[] {
  const headers = requestHeaders(request);
  const [, token] = /^bearer +(\S+)$/i.exec(headerOf(headers, 'authorization') ?? '') ?? [];
  const session = headerOf(headers, 'mcp-session-id');
  const secrets: Secret[] = [];
  if (token !== undefined) secrets.push({ variable: 'TOKEN', value: token, about: 'the access token' });
  if (session !== undefined)
    secrets.push({
      variable: 'SESSION',
      value: session,
      about: 'the Mcp-Session-Id in the answer to initialize',
    });
  for (const [name] of userHeaders) {
    const value = headerOf(headers, name.toLowerCase());
    const isToken = token !== undefined && name.toLowerCase() === 'authorization';
    if (value === undefined || value === '' || isToken) continue;
    const variable = name.toUpperCase().replace(/[^A-Z\d]/g, '_');
    secrets.push({ variable, value, about: `the value of your header ${name}` });
  }
  return secrets;
}
