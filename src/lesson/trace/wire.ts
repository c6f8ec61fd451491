/**
 * Turns a traced exchange into a transcript that can be played again (spec-fixtures/README.md). Secrets, and values that differ
 * from run to run, become wildcards or are left for the player to fill in.
 */
import { isRecord, type JsonObject } from '../../wire/value.js';
import { parseJson } from '../json.js';
import { JSON_OR_SSE } from '../transcripts/response.js';
import {
  AUTHSERVER,
  aboutOf,
  jsonOf,
  outcomeOf,
  type TracedExchange,
  type TracedResponse,
} from './exchange.js';
import { headerOf } from './headers.js';
import { answerLines, requestLines } from './lines.js';
import { verdictLines } from './words.js';

/** Headers that the player adds itself, or that belong to one connection. */
const NOT_SENT =
  /^(host|authorization|content-length|transfer-encoding|connection|keep-alive|cookie|barewire-session|mcp-session-id)$/i;
/** Response headers that are the same in every run. */
const EXPECTED =
  /^(content-type|www-authenticate|allow|location|cache-control|x-accel-buffering|access-control-.*)$/i;
/** Masked values, random ids, and times. */
const VARIES =
  /\[(?:hidden|email|token|key|ssn|iban|card|ip|phone)\]|[\w-]{0,24}… \(\d{1,9} characters\)|\b[\da-f]{8}-[\da-f]{4}-[\da-f]{4}-[\da-f]{4}-[\da-f]{12}\b|\b\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[\d.]{0,20}(?:Z|\+00:00)/gi;
const MAX_CLAUSES = 12;
/** Headers that only one of JSON and event streams has. */
const OF_ONE_FORM = /^(cache-control|x-accel-buffering)$/i;

/** Undefined if parts are missing or nothing has come back yet. */
export function wireOf(exchange: TracedExchange): string | undefined {
  const { answer, body, state } = exchange;
  if (exchange.stdio !== undefined) return stdioWireOf(exchange);
  if (answer === undefined || body.cut || (answer.body.cut && answer.body.isPage !== true)) return undefined;
  // If the stream is still open, the player leaves it open as well.
  const name = answer.stream && state !== 'done' ? ['@stream'] : [];
  return [
    ...heading(exchange),
    ...[...name, ...requestPart(exchange)].map((line) => `> ${line}`.trimEnd()),
    ...exchange.verdicts.flatMap(verdictLines).map((line) => `* ${oneLine(line)}`),
    ...[...name, ...responsePart(exchange, answer)].map((line) => `< ${line}`.trimEnd()),
    '',
  ].join('\n');
}

/** On stdio a notification stands alone, and the server may be the one who asks. */
function stdioWireOf(exchange: TracedExchange): string | undefined {
  const { answer, body, state, stdio } = exchange;
  if (body.cut || answer?.body.cut === true || state === 'open') return undefined;
  const messages = [body, ...(answer === undefined ? [] : [answer.body])].map((message, at) => {
    if ((stdio === 'client') === (at === 0)) return `> ${literal(message.text)}`;
    const value = jsonOf(message);
    return `< ${value === undefined ? '{{any}}' : JSON.stringify(matching(value, ''))}`;
  });
  return [...heading(exchange), '# transport: stdio', ...messages, ''].join('\n');
}

function heading(exchange: TracedExchange): string[] {
  const { server, answer } = exchange;
  const parts = [...requestLines(exchange), ...answerLines(exchange)].flat();
  const clauses = [...new Set(parts.flatMap(({ note }) => note?.clause ?? []))].slice(0, MAX_CLAUSES);
  return [
    `# ${oneLine(aboutOf(exchange)).replaceAll(':', '')} as it was ${answer === undefined ? 'sent' : `answered with ${outcomeOf(exchange).text}`}`,
    `# clauses: ${clauses.length === 0 ? 'none' : clauses.join(' ')}`,
    ...(server === 'destructive' || server === AUTHSERVER ? [`# server: ${server}`] : []),
  ];
}

function requestPart(exchange: TracedExchange): string[] {
  const { line, headers, body, answer } = exchange;
  const lines = [literal(line)];
  const host = headerOf(headers, 'host');
  if (host === undefined) lines.push('host: {{absent}}');
  else if (!/^(localhost|127\.0\.0\.1|\[::1\])(:\d+)?$/i.test(host)) lines.push(`host: ${literal(host)}`);
  // With the player's own token, the request would succeed where this client's did not.
  if (headerOf(headers, 'authorization') === undefined) lines.push('authorization: {{absent}}');
  else if (answer?.status === 401) lines.push('authorization: Bearer not.a.token');
  if (headerOf(headers, 'mcp-session-id') !== undefined) lines.push('mcp-session-id: {{session}}');
  for (const { name, value } of headers) if (!NOT_SENT.test(name)) lines.push(`${name}: ${literal(value)}`);
  if (body.bytes === 0) return lines;
  return [...lines, '', ...body.text.split('\n').map(literal)];
}

function responsePart(exchange: TracedExchange, answer: TracedResponse): string[] {
  const host = headerOf(exchange.headers, 'host') ?? '';
  const wildcards = (text: string): string => pattern(text, host);
  const isTokenRejected = answer.status === 401 && headerOf(exchange.headers, 'authorization') !== undefined;
  const single = onlyMessage(exchange, answer);
  const lines = [/^HTTP\/\S+ \d+ \S/.test(answer.line) ? answer.line : `${answer.line.trim()} -`];
  for (const { name, value } of answer.headers) {
    if (single !== undefined && /^content-type$/i.test(name)) lines.push(`${name}: ${JSON_OR_SSE}`);
    else if (single !== undefined && OF_ONE_FORM.test(name)) continue;
    else if (/^mcp-session-id$/i.test(name)) lines.push(`${name}: {{session}}`);
    else if (EXPECTED.test(name))
      lines.push(`${name}: ${isTokenRejected && /^www-/i.test(name) ? '{{any}}' : wildcards(value)}`);
  }
  if (answer.body.bytes === 0) return lines;
  if (isTokenRejected) return [...lines, '', '{{any}}'];
  if (single !== undefined) return [...lines, '', JSON.stringify(matching(single, host))];
  if (answer.stream) return [...lines, '', ...frames(answer.body.text, host)];
  const value = jsonOf(answer.body);
  return [...lines, '', value === undefined ? '{{any}}' : JSON.stringify(matching(value, host))];
}

/**
 * The only message of an answer that could have been JSON or a stream: the server streams an answer that takes long. Undefined
 * if the client accepts only one form, or if there are several messages or none.
 */
function onlyMessage(
  { verb, headers, state }: TracedExchange,
  { status, stream, body }: TracedResponse,
): JsonObject | undefined {
  const accept = headerOf(headers, 'accept') ?? '';
  const either = /json|\*\/\*|application\/\*/.test(accept) && /event-stream|\*\/\*|text\/\*/.test(accept);
  if (verb !== 'POST' || status !== 200 || !either || state !== 'done') return undefined;
  const texts = stream
    ? [...body.text.matchAll(/^data: ?(.+)$/gm)].map(([, text = '']) => text)
    : [body.text];
  const [value] = texts.map((text) => parseJson(text));
  return texts.length === 1 && isRecord(value) && 'id' in value ? value : undefined;
}

/** Comments may come at any time, so the transcript does not expect any. */
function frames(text: string, host: string): string[] {
  const lines: string[] = [];
  for (const frame of text.split('\n\n')) {
    const fields = frame.split('\n').filter((line) => line !== '' && !line.startsWith(':'));
    if (fields.length === 0) continue;
    lines.push(
      ...fields.map((line) => {
        if (/^id:/.test(line)) return 'id: {{any}}';
        const value = parseJson(line.replace(/^data: ?/, ''));
        return isRecord(value) ? `data: ${JSON.stringify(matching(value, host))}` : line;
      }),
      '',
    );
  }
  return lines.slice(0, -1);
}

function matching(value: unknown, host: string): unknown {
  if (typeof value === 'string') return pattern(value, host);
  if (Array.isArray(value)) return value.map((one) => matching(one, host));
  if (!isRecord(value)) return value;
  if (Object.keys(value).some((name) => name.includes('{{'))) return '{{any}}';
  const members: JsonObject = {};
  for (const [name, child] of Object.entries(value))
    Object.defineProperty(members, name, { value: matching(child, host), enumerable: true });
  return members;
}

/** The text to expect, with {{any}} for what this run alone had. */
function pattern(text: string, host: string): string {
  if (text.includes('{{')) return '{{any}}';
  const varied = text.replace(VARIES, '{{any}}');
  const port = /:\d+$/.exec(host)?.[0];
  return port === undefined ? varied : varied.replaceAll(`localhost${port}`, '{{host}}');
}

/** The text to send, with escapes where a transcript would read it as something else. */
function literal(text: string): string {
  return text.replaceAll('{{', '{{hex 7b 7b}}').replaceAll('\r', '{{hex 0d}}').replace(/^@/, '{{hex 40}}');
}

function oneLine(text: string): string {
  return text.replace(/\s+/g, ' ').trim();
}
