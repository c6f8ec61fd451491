/** How large messages may be, and how much a process serves at the same time. */
import { BOUNDS } from '../../../wire/server/create-server.js';
import { topic } from '../setting.js';
import { count } from '../types.js';

export const limits = topic('limits', 'Limits on size and load', (setting) => ({
  bodyBytes: setting('body-bytes', count(1, 2 ** 30), {
    default: BOUNDS.bodyBytes,
    help: 'Maximum size of a request body, in bytes.',
  }),
  headerBytes: setting('header-bytes', count(1024, 2 ** 20), {
    default: BOUNDS.headerBytes,
    help: 'Maximum size of the request line and headers, in bytes.',
  }),
  jsonDepth: setting('json-depth', count(8, 1_000), {
    default: BOUNDS.jsonDepth,
    help: 'Maximum nesting of a message.',
  }),
  jsonMembers: setting('json-members', count(100, 1_000_000), {
    default: BOUNDS.jsonMembers,
    help: 'Maximum number of object members and array items in a message, all together.',
  }),
  batchMessages: setting('batch-messages', count(1, 1_000), {
    default: BOUNDS.batchMessages,
    help: 'Maximum number of messages in a batch (revision 2025-03-26).',
  }),
  inFlightCalls: setting('in-flight-calls', count(1, 1_000_000), {
    default: BOUNDS.inFlightCalls,
    defaultText: 'depends on the heap, at most 10000',
    help: 'Calls that a process answers at the same time.',
  }),
  inFlightCallsPerPrincipal: setting('in-flight-calls-per-principal', count(1, 1_000_000), {
    default: BOUNDS.inFlightCallsPerPrincipal,
    defaultText: 'a quarter of the default above',
    help: 'Calls of one principal that a process answers at the same time.',
  }),
  inFlightBytes: setting('in-flight-bytes', count(65_536, 2 ** 40), {
    default: BOUNDS.inFlightBytes,
    defaultText: 'an eighth of the heap',
    help: 'Bytes of requests and answers that a process holds in memory at the same time, until clients have read the answers.',
  }),
  inFlightBytesPerPrincipal: setting('in-flight-bytes-per-principal', count(65_536, 2 ** 40), {
    default: BOUNDS.inFlightBytesPerPrincipal,
    defaultText: 'a sixteenth of the heap',
    help: 'The same bytes, for one principal.',
  }),
  openStreams: setting('open-streams', count(1, 1_000_000), {
    default: BOUNDS.openStreams,
    help: 'Clients that may listen at the same time.',
  }),
  streamsPerPrincipal: setting('streams-per-principal', count(1, 1_000_000), {
    defaultText: 'a tenth of --open-streams, and at least 10',
    help: 'Streams that one principal may have open at each process.',
  }),
}));
