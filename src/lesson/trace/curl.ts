/** Turns the request of a traced exchange into a curl command. */
import { shellWord } from '../../pages/shell.js';
import { escapeOf, replaceUnseenInText } from '../../pages/unseen.js';
import type { TracedExchange } from './exchange.js';
import { headerOf } from './headers.js';

/** Headers that curl adds itself, or that belong to one connection. */
const LEFT_OUT =
  /^(host|content-length|transfer-encoding|connection|cookie|expect|accept-encoding|keep-alive)$/i;

/** Secrets become shell variables; everything else is quoted. */
export function curlOf(exchange: TracedExchange): string {
  const { verb, headers, body, line } = exchange;
  const target = line.split(' ')[1] ?? '/';
  const url = /^http:/i.test(target) ? target : `http://${headerOf(headers, 'host') ?? 'localhost'}${target}`;
  const parts = [`curl -s ${quoted(url)}`];
  if (verb !== (body.bytes > 0 ? 'POST' : 'GET')) parts.push(`-X ${quoted(verb)}`);
  for (const { name, value } of headers) {
    if (LEFT_OUT.test(name)) continue;
    if (/^authorization$/i.test(name)) parts.push(credentials(exchange, value));
    else if (/^mcp-session-id$/i.test(name)) parts.push(`-H "${name}: $SESSION"`);
    else parts.push(`-H ${quoted(`${name}: ${value}`)}`);
  }
  // Not -d, which reads a file if the body begins with @.
  if (body.bytes > 0) parts.push(`--data-raw ${quoted(visibleJson(body.text))}`);
  return parts.join(' \\\n  ');
}

/** The person who pastes the command has the secrets. */
function credentials({ verdicts }: TracedExchange, value: string): string {
  if (!/^basic /i.test(value)) return '-H "authorization: Bearer $TOKEN"';
  return `-u ${quoted(`${verdicts[0]?.clientId ?? 'client'}:`)}"$CLIENT_SECRET"`;
}

/** Drops control characters, which a terminal would obey when the command is pasted. */
function quoted(text: string): string {
  return shellWord(replaceUnseenInText(text, () => ''));
}

/** JSON can escape invisible characters instead of dropping them. */
function visibleJson(text: string): string {
  if (!/^\s*[[{]/.test(text)) return text;
  return replaceUnseenInText(text, (character) => (character === '\r' ? '' : escapeOf(character)));
}
