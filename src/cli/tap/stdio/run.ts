/** Runs `tap -- COMMAND`: its stdin and stdout are those of the command, and every message is recorded on the side. */
import { basename } from 'node:path';
import { aboutOf, eraOf, type TracedExchange, totalMs } from '../../../lesson/trace/exchange.js';
import { createFindingText, type Look, messageText } from '../../../lesson/trace/terminal.js';
import { now } from '../../../wire/clock.js';
import { createWitness } from '../../rules/witness.js';
import { type ObservationOptions, openObservation } from '../observation.js';
import { type ChildOptions, type Ended, runChild } from './child.js';
import { Lines } from './lines.js';
import { type Side, StdioRecorder } from './recorder.js';

const MAX_NAME = 60;

export type StdioTapOptions = ObservationOptions & Omit<ChildOptions, 'onBytes'>;

/** Rejects if the command cannot be started, or the page or a file cannot be opened. */
export async function runStdioTap(options: StdioTapOptions): Promise<Ended> {
  const { command, terminal, note } = options;
  const observation = await openObservation(options);
  const { queue, store } = observation;
  const witness = createWitness({ transport: 'stdio' });
  const findingText = createFindingText();
  const recorder = new StdioRecorder({
    server: nameOf(command),
    clock: now,
    ticks: queue.ticks,
    examine: (from, text) => witness.line(from, text),
    listener: {
      message(exchange, from, findings) {
        store.put(exchange);
        if (terminal === undefined) return;
        const look = terminal.look();
        const findingTexts = findings.map((finding) => findingText(finding, look));
        terminal.write([lineText(exchange, from, look), ...findingTexts].join(''));
      },
      onEnd(exchange) {
        store.put(exchange);
        observation.save(exchange);
      },
    },
  });
  const lines = {
    client: new Lines((text) => recorder.line('client', text)),
    server: new Lines((text) => recorder.line('server', text)),
  };
  note(`every byte, explained: ${observation.page}`);
  try {
    return await runChild({
      ...options,
      onBytes: (from, bytes) => queue.run(() => lines[from].add(bytes)),
    });
  } finally {
    queue.run(() => {
      lines.client.end();
      lines.server.end();
      recorder.end();
    });
    await observation.close();
  }
}

/** The program, and what it runs if it runs something: `node index.js`. */
function nameOf([program = '', ...args]: readonly string[]): string {
  const subject = args.find((word) => !word.startsWith('-'));
  return [program, ...(subject === undefined ? [] : [subject])]
    .map((word) => basename(word))
    .join(' ')
    .slice(0, MAX_NAME);
}

function lineText(exchange: TracedExchange, from: Side, look: Look): string {
  const isAnswer = exchange.answer !== undefined;
  const { number, server, body, answer } = exchange;
  const time = new Date(Date.parse(exchange.time) + totalMs(exchange)).toISOString();
  const way = from === 'client' ? `to ${server}` : `from ${server}`;
  const text = (answer ?? { body }).body.text;
  return [
    `\n-- #${number}  ${time.slice(11, 23)}  ${isAnswer ? `answer to ${aboutOf(exchange)}` : aboutOf(exchange)}, ${way}\n`,
    messageText(from === 'client' ? '>' : '<', text, eraOf(exchange), look),
  ].join('');
}
