/**
 * An answer that may come as one JSON object or as an event stream, as the server finds best: a call that takes longer is
 * answered with a stream, so its transcript must not expect the one form. `content-type: {{json-or-sse}}` says so; then the
 * message is compared, whichever form it has.
 *
 * @see https://modelcontextprotocol.io/specification/2026-07-28/basic/transports/streamable-http
 */
import { type Response, readFrames } from './response.js';

export const JSON_OR_SSE = '{{json-or-sse}}';

const MEDIA_TYPE = /^(application\/json|text\/event-stream)(\s*;|$)/i;

export function isEitherForm(contentType: string): boolean {
  return MEDIA_TYPE.test(contentType);
}

/** The JSON of the answer. Of a stream with more than one message all are given, which no single one equals. */
export function messageOf({ headers, body }: Response): string {
  const streams = headers.some(
    ([name, value]) => name === 'content-type' && /^text\/event-stream/i.test(value),
  );
  if (!streams) return body;
  // Comments keep the connection alive, and an event without data only carries an id.
  return readFrames(body)
    .flatMap(({ data }) => (data === undefined || data === '' ? [] : [data]))
    .join('\n');
}
