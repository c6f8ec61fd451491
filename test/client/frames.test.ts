/** Event streams as a client reads them: cut anywhere, with any line ends, and no longer than a bound. */
import * as fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { EventSource } from '../../src/client/event-source.js';
import { type Frame, FrameReader, FrameTooLong, frameOf } from '../../src/client/frames.js';
import { sseFrame } from '../../src/wire/http/stream.js';

const test = suite('client/frames');

const read = (text: string): Frame[] => new FrameReader().push(Buffer.from(text));

test('fields are read as the standard says', () => {
  assert.equal(read('data: a\ndata:b\ndata:  c\ndata\n\n'), [{ data: 'a\nb\n c\n' }]);
  assert.equal(read(':one\n: two\n\n'), [{ comment: 'one\ntwo' }]);
  assert.equal(read('id: 1\nid: 2\nretry: 5\nevent: x\nother: y\n\n'), [{ id: '2', retry: '5', event: 'x' }]);
  assert.equal(read('\n\n\ndata: x\n\n\n'), [{ data: 'x' }]);
  assert.equal(read('data: unfinished\n'), []);
  assert.equal(frameOf(['__proto__: x', 'data: y']), { data: 'y' });
});

test('a byte order mark counts only at the start', () => {
  assert.equal(read('\ufeffdata: a\n\ndata: \ufeffb\n\n'), [{ data: 'a' }, { data: '\ufeffb' }]);
});

test('what the server writes is what the client reads, cut anywhere, with any line ends', () => {
  // The server escapes these three, which only JSON undoes.
  const data = fc.string({ unit: 'grapheme' }).map((text) => text.replaceAll(/[\u0085\u2028\u2029]/g, ''));
  const word = fc.stringMatching(/^\w+$/);
  const event = fc.record({ data, id: word, event: word }, { requiredKeys: ['data'] });
  const ends = fc.constantFrom('\n', '\r\n', '\r');
  const cases = fc.property(fc.array(event), ends, fc.array(fc.nat({ max: 9 })), (events, end, sizes) => {
    const bytes = Buffer.from(events.map((one) => sseFrame(one).replaceAll('\n', end)).join(''));
    const reader = new FrameReader();
    const frames: Frame[] = [];
    let at = 0;
    for (const size of sizes) {
      frames.push(...reader.push(bytes.subarray(at, at + size)));
      at += size;
    }
    frames.push(...reader.push(bytes.subarray(at)));
    const breaks = (data: string) => data.replaceAll(/\r\n|\r/g, '\n');
    assert.equal(
      frames,
      events.map((one) => ({ ...one, data: breaks(one.data) })),
    );
  });
  fc.assert(cases, { numRuns: 300 });
});

test('a frame has a bound, in one line or in many', () => {
  const feed = (text: string) => () => {
    const reader = new FrameReader(100);
    for (let at = 0; at < 60; at += 1) reader.pushText(text);
  };
  assert.throws(feed('xxx'), (error: unknown) => error instanceof FrameTooLong);
  assert.throws(feed('data: x\n'), (error: unknown) => error instanceof FrameTooLong);
  assert.throws(feed('d\n'), (error: unknown) => error instanceof FrameTooLong);
  feed('data: x\n\n')();
});

test('bytes that are not UTF-8 are refused', () => {
  assert.throws(() => new FrameReader().push(Buffer.of(0x64, 0xff)), TypeError);
});

test('an event source knows where to go on, and when', async () => {
  const stream = new EventSource(1_000);
  const chunks = async function* (text: string) {
    yield Buffer.from(text);
  };
  const messages = async (text: string): Promise<string[]> => {
    const found: string[] = [];
    for await (const data of stream.messages(chunks(text))) found.push(data);
    return found;
  };
  stream.resumes = 3;
  assert.equal(await messages('retry: 5x\ndata: a\n\nevent: ping\ndata: b\n\ndata\n\n'), ['a']);
  assert.equal([stream.lastId, stream.retryMs, stream.resumes], [undefined, 1_000, 3]);
  assert.equal(await messages('id: 7\nretry: 20\n\nid: a\0b\n\n'), []);
  assert.equal([stream.lastId, stream.retryMs, stream.resumes], ['7', 20, 0]);
  assert.equal(await messages('retry: 99999999999\n\nevent: message\ndata: c\n\n'), ['c']);
  assert.is(stream.retryMs, 60_000);
});

test.run();
