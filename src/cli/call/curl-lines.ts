/** Prints each request of a client as a curl command. Tokens, sessions and the user's own headers become shell variables. */
import { curlLine, type Variables } from '../../lesson/player/curl.js';
import { headerOf } from '../../lesson/trace/headers.js';
import { type ExchangeListener, requestHeaders } from './exchange-reader.js';

export function printCurl(
  url: URL,
  given: readonly (readonly [name: string, value: string])[],
  print: (text: string) => void,
): ExchangeListener {
  const explained = new Set<string>();
  return {
    answered({ sent }) {
      const secrets = secretsOf(sent, given);
      for (const { variable, about } of secrets) {
        if (explained.has(variable)) continue;
        explained.add(variable);
        print(`# ${variable}: ${about}\n`);
      }
      const variables: Variables = Object.fromEntries(
        secrets.map(({ variable, value }) => [variable, value]),
      );
      const line = curlLine(plainHead(sent), url, variables);
      print(line.kind === 'curl' ? `${line.line}\n` : `# not with curl: ${line.why}\n`);
    },
  };
}

/** Without what curl writes by itself: the length of the body, and that the connection stays open. */
function plainHead(sent: Buffer): Buffer {
  const end = sent.indexOf('\r\n\r\n');
  const lines = sent.toString('latin1', 0, Math.max(0, end)).split('\r\n');
  const kept = lines
    .filter((line) => !/^connection: keep-alive$/i.test(line))
    .map((line) => line.replace(/^content-length:/i, 'Content-Length:'));
  return Buffer.concat([Buffer.from(kept.join('\r\n'), 'latin1'), sent.subarray(Math.max(0, end))]);
}

type Secret = { variable: string; value: string; about: string };

function secretsOf(sent: Buffer, given: readonly (readonly [name: string, value: string])[]): Secret[] {
  const headers = requestHeaders(sent);
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
  for (const [name] of given) {
    const value = headerOf(headers, name.toLowerCase());
    const known = token !== undefined && name.toLowerCase() === 'authorization';
    if (value === undefined || value === '' || known) continue;
    const variable = name.toUpperCase().replace(/[^A-Z\d]/g, '_');
    secrets.push({ variable, value, about: `the value of your header ${name}` });
  }
  return secrets;
}
