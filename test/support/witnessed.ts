/** Runs the bytes of a played transcript through the witness, and returns the violations of the server. */
import { createWitness, type Violation, type Witness } from '../../src/cli/rules/witness.js';
import type { Traffic } from '../../src/lesson/player/play.js';
import { readFrames, readHttp } from '../../src/lesson/transcripts/response.js';

export function violationsIn(traffic: readonly Traffic[], transport: 'http' | 'stdio'): Violation[] {
  if (transport === 'stdio') return traffic.flatMap(({ sent, received }) => onStdio(sent, received));
  // A transcript may talk to several servers.
  const witnesses = new Map<string, Witness>();
  return traffic.flatMap((one, id) => {
    const host = /^host: *(\S+)/im.exec(one.sent.toString('latin1'))?.[1] ?? '';
    const witness = witnesses.get(host) ?? createWitness({ transport: 'http', clients: 'many' });
    witnesses.set(host, witness);
    return overHttp(witness, id, one);
  });
}

function onStdio(sent: Buffer, received: Buffer): Violation[] {
  const witness = createWitness({ transport: 'stdio' });
  const linesOf = (bytes: Buffer) => bytes.toString('utf8').split('\n').slice(0, -1);
  // Their order is lost, so each line of the server comes as early as what the client wrote allows: an answer after its request,
  // anything else after all that does not answer a later question.
  const pending = linesOf(sent);
  const questions = new Set<unknown>();
  const found: Violation[] = [];
  const write = (until: (message: Message) => boolean, through: boolean) => {
    while (pending[0] !== undefined) {
      const message = readMessage(pending[0]);
      const stops = until(message);
      if (stops && !through) return;
      found.push(...witness.line('client', pending.shift() ?? ''));
      if (stops) return;
    }
  };
  const isAnswer = ({ method, id }: Message) => method === undefined && id !== undefined;
  for (const line of linesOf(received)) {
    const message = readMessage(line);
    if (!isAnswer(message)) write((other) => isAnswer(other) && !questions.has(other.id), false);
    else if (pending.some((other) => readMessage(other).id === message.id))
      write(({ id, method }) => method !== undefined && id === message.id, true);
    if (message.method !== undefined) questions.add(message.id);
    found.push(...witness.line('server', line));
  }
  for (const line of pending) found.push(...witness.line('client', line));
  return found;
}

type Message = { id?: unknown; method?: unknown };
function readMessage(line: string): Message {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === 'object' && value !== null ? value : {};
  } catch {
    return {};
  }
}

function overHttp(witness: Witness, id: number, { sent, received }: Traffic): Violation[] {
  const end = sent.indexOf('\r\n\r\n');
  const [line = '', ...headers] = sent.toString('latin1', 0, end < 0 ? undefined : end).split('\r\n');
  const [method = '', target = ''] = line.split(' ');
  const response = readHttp(received, true, method);
  if (response === undefined) return [];
  const streams = response.headers.some(
    ([name, value]) => name === 'content-type' && value.startsWith('text/event'),
  );
  const messages = streams ? readFrames(response.body).map(({ data = '' }) => data) : [response.body];
  return [
    ...witness.request({
      id,
      method,
      target,
      headers: headers.map(pairOf),
      body: end < 0 ? '' : sent.toString('utf8', end + 4),
    }),
    ...witness.response(id, { status: Number(response.status.split(' ')[1]), headers: response.headers }),
    ...messages.filter((text) => text !== '').flatMap((text) => witness.message(id, text)),
    ...witness.end(id, response.complete),
  ];
}

function pairOf(line: string): [string, string] {
  const colon = line.indexOf(':');
  return [line.slice(0, colon), line.slice(colon + 1).trim()];
}
