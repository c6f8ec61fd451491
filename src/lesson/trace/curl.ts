/** A traced request as a line for curl. What was a secret is a variable of the shell; all else is quoted. */
import { escapeOf, replaceUnseenInText } from '../../pages/unseen.js';
import { headerOf, type Traced } from './exchange.js';

/** What curl says by itself, or what belongs to one connection. */
const LEFT_OUT =
  /^(host|content-length|transfer-encoding|connection|cookie|expect|accept-encoding|keep-alive)$/i;

export function curlOf(traced: Traced): string {
  const { verb, headers, body, line } = traced;
  const target = line.split(' ')[1] ?? '/';
  const url = /^http:/i.test(target) ? target : `http://${headerOf(headers, 'host') ?? 'localhost'}${target}`;
  const parts = [`curl -s ${quoted(url)}`];
  if (verb !== (body.bytes > 0 ? 'POST' : 'GET')) parts.push(`-X ${quoted(verb)}`);
  for (const { name, value } of headers) {
    if (LEFT_OUT.test(name)) continue;
    if (/^authorization$/i.test(name)) parts.push(`-H "${name}: Bearer $TOKEN"`);
    else if (/^mcp-session-id$/i.test(name)) parts.push(`-H "${name}: $SESSION"`);
    else parts.push(`-H ${quoted(`${name}: ${value}`)}`);
  }
  // Not -d, which takes a body that begins with @ for the name of a file.
  if (body.bytes > 0) parts.push(`--data-raw ${quoted(visibleJson(body.text))}`);
  return parts.join(' \\\n  ');
}

/** Pasted into a terminal, controls would be orders to it; within JSON, what nobody sees can be written so that it is seen. */
function quoted(text: string): string {
  return `'${replaceUnseenInText(text, () => '').replaceAll("'", "'\\''")}'`;
}

function visibleJson(text: string): string {
  if (!/^\s*[[{]/.test(text)) return text;
  return replaceUnseenInText(text, (character) => (character === '\r' ? '' : escapeOf(character)));
}
