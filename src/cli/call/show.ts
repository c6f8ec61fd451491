/** Prints what a client sends and receives with the notes of the lesson, as it comes. Secrets are masked. */

import type { WireEvent } from '../../client/index.js';
import { type Look, ruleLine, traceLook } from '../../lesson/look.js';
import { eraOf, methodOf } from '../../lesson/trace/exchange.js';
import { maskerFor } from '../../lesson/trace/mask.js';
import { answerText, messageText, requestText, streamText } from '../../lesson/trace/terminal.js';
import type { Era } from '../../wire/revisions.js';
import type { ExchangeListener } from './exchange-reader.js';

type Print = (text: string) => void;

/** Of one message. */
const MAX_LINES = 400;
/** A line on stdio that is longer is not shown. */
const MAX_LINE_BYTES = 1024 * 1024;

export function showExchanges(look: Look, print: Print): ExchangeListener {
  const trace = traceLook({ ...look, maxLines: MAX_LINES });
  return {
    onAnswer({ exchange }) {
      const { number, line, server } = exchange;
      print(`\n${ruleLine(`${number} · ${methodOf(exchange) ?? line} · ${server}`, look)}\n`);
      print(requestText(exchange, trace));
      print(answerText(exchange, trace));
    },
    onEvents({ exchange }, text) {
      if (text.trim() !== '') print(streamText(text, eraOf(exchange), trace));
    },
    onEnd(_, { whole, cut }) {
      if (cut) print('* the rest of this answer is too long to be shown\n');
      else if (!whole) print('* the connection ended before the answer did\n');
    },
  };
}

/** The lines of a server on stdio. */
export function showLines(look: Look, print: Print): (event: WireEvent) => void {
  const trace = traceLook({ ...look, maxLines: MAX_LINES });
  const halves = { sent: Buffer.alloc(0), received: Buffer.alloc(0) };
  const { body: mask } = maskerFor([]);
  let era: Era = 'modern';
  return (event) => {
    if (event.kind === 'ended') return;
    const bytes = Buffer.concat([halves[event.kind], event.bytes]);
    const end = bytes.lastIndexOf(0x0a) + 1;
    halves[event.kind] = bytes.length - end > MAX_LINE_BYTES ? Buffer.alloc(0) : bytes.subarray(end);
    const mark = event.kind === 'sent' ? '>' : '<';
    for (const line of bytes.toString('utf8', 0, end).split('\n')) {
      if (line.trim() === '') continue;
      // The handshake is what only the older revisions have.
      if (mark === '>' && line.includes('"method":"initialize"')) era = 'legacy';
      print(`\n${messageText(mark, mask(line), era, trace)}`);
    }
  };
}
