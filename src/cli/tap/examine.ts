/** Lets a witness judge each HTTP exchange as it happens. */
import type { IncomingMessage } from 'node:http';
import { dataOf } from '../../lesson/trace/body.js';
import type { Finding } from '../../lesson/trace/exchange.js';
import { type Header, headerOf, headersOf, readHeader } from '../../lesson/trace/headers.js';
import type { Observer } from '../../lesson/trace/observe.js';
import type { Examination } from '../../lesson/trace/trace.js';
import type { Witness } from '../rules/witness.js';

/** Longer bodies are not judged. */
const MAX_BODY = 8 * 1024 * 1024;
/** More of one exchange are not shown. */
const MAX_FINDINGS = 200;

/** @param id a number that no other open exchange has */
export function examine(witness: Witness, id: number, request: IncomingMessage): Examination {
  const findings: Finding[] = [];
  const addFindings = (more: readonly Finding[]): void =>
    void findings.push(...more.slice(0, MAX_FINDINGS - findings.length));
  const requestBody = new Whole();
  const answerBody = new Whole();
  let type: 'json' | 'stream' | 'other' = 'other';
  let judged = false;
  const observer: Observer = {
    ...NOTHING,
    received: (bytes) => requestBody.add(bytes),
    receivedAll() {
      const { method = '', url = '/', rawHeaders } = request;
      if (requestBody.text === undefined) return;
      judged = true;
      addFindings(
        witness.request({
          id,
          method,
          target: url,
          headers: headersOf(rawHeaders).map(pairOf),
          body: requestBody.text,
        }),
      );
    },
    headed(head) {
      // The server has answered before it could read everything.
      if (!judged) return;
      const [line = '', ...lines] = head.split('\r\n').filter((one) => one !== '');
      const headers = lines.map(readHeader);
      const content = headerOf(headers, 'content-type') ?? '';
      if (/^application\/json\b/i.test(content)) type = 'json';
      if (/^text\/event-stream\b/i.test(content)) type = 'stream';
      addFindings(witness.response(id, { status: Number(line.split(' ')[1]), headers: headers.map(pairOf) }));
    },
    sent(chunk) {
      if (!judged || type === 'other') return;
      if (type === 'json') return answerBody.add(chunk);
      const data = dataOf(chunk.toString());
      if (data.length > 0) addFindings(witness.message(id, data.join('\n')));
    },
    ended(whole) {
      if (!judged) return;
      const { text } = answerBody;
      if (type === 'json' && whole && text !== undefined && text !== '')
        addFindings(witness.message(id, text));
      addFindings(witness.end(id, whole));
    },
  };
  return { observer, findings };
}

/** A body, unless it is too long. */
class Whole {
  readonly #parts: Buffer[] = [];
  #bytes = 0;

  add(chunk: string | Uint8Array): void {
    this.#bytes += chunk.length;
    if (this.#bytes > MAX_BODY) this.#parts.length = 0;
    else this.#parts.push(Buffer.from(chunk as Uint8Array));
  }

  get text(): string | undefined {
    return this.#bytes > MAX_BODY ? undefined : Buffer.concat(this.#parts).toString('utf8');
  }
}

const NOTHING = {
  authenticated: () => {},
  decided: () => {},
  handled: () => {},
  refused: () => {},
  recorded: () => {},
};

const pairOf = ({ name, value }: Header): [name: string, value: string] => [name, value];
