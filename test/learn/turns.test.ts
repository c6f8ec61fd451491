/** Transcripts as turns: every one of the lesson is read, nothing of it is lost, and another request changes nothing else. */
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { aboutTurn } from '../../src/lesson/learn/turn-lines.js';
import { readStory, requestText, withRequest } from '../../src/lesson/learn/turns.js';
import { course, PING, sourceOf, turnOf } from './lesson.js';

const test = suite('learn/turns');
const files = course.chapters().flatMap((chapter) => chapter.files);

test('each step of each transcript is in one turn, in its order, and each explanation is printed once', () => {
  assert.ok(files.length > 200, 'all transcripts are there');
  for (const file of files) {
    const { transcript, turns, closing } = readStory(sourceOf(file));
    const steps = turns.flatMap((turn) => turn.steps);
    assert.is(steps.length, transcript.steps.length, file);
    assert.ok(
      steps.every((step, at) => step === transcript.steps[at]),
      `${file}: in order`,
    );
    assert.equal(
      turns.map(({ index }) => index),
      turns.map((_, at) => at),
      file,
    );
    const printed = [...turns.flatMap(({ notes }) => notes), ...closing].join(' ');
    const written = transcript.notes.map(({ text }) => text).join(' ');
    assert.is(printed.replace(/\s+/g, ' '), written.trim().replace(/\s+/g, ' '), file);
    for (const turn of turns) {
      assert.ok(turn.steps.length > 0, `${file}: no turn is empty`);
      assert.is.not(aboutTurn(turn), '', `${file}: each turn has a title`);
    }
  }
});

test('a request that is put back as it was leaves the transcript as it was', () => {
  for (const file of files) {
    const source = sourceOf(file);
    for (const turn of readStory(source).turns)
      assert.is(withRequest(source, turn, requestText(turn)), source, `${file}, turn ${turn.index}`);
  }
});

test('another request stands in its own turn, and the other turns stay', () => {
  const file = '01-one-request/keeps-the-type-of-an-id.wire';
  const [source, before] = [sourceOf(file), readStory(sourceOf(file)).turns];
  const second = turnOf(file, 1);
  const changed = withRequest(source, second, 'GET /mcp HTTP/1.1\r\nAccept: text/html\n');
  const { turns } = readStory(changed);
  assert.equal(
    turns.map(requestText),
    before.map((turn, at) => (at === 1 ? 'GET /mcp HTTP/1.1\nAccept: text/html' : requestText(turn))),
  );
  assert.equal(
    turns.map(({ expect }) => expect?.expected.kind),
    before.map(({ expect }) => expect?.expected.kind),
  );
});

test('a line on stdio is replaced as a line', () => {
  const file = '17-stdio/shakes-hands.wire';
  const changed = withRequest(sourceOf(file), turnOf(file), '{"jsonrpc":"2.0","id":7,"method":"ping"}');
  assert.match(changed, '\n> {"jsonrpc":"2.0","id":7,"method":"ping"}\n');
  assert.is(changed.split('\n').length, sourceOf(file).split('\n').length);
});

test('more of a stream is a turn without a request, and where a request went is kept', () => {
  const { turns } = readStory(sourceOf('12-human-approval/approves-a-call.wire'));
  assert.equal([turns[0]?.server, turns[1]?.server], ['authserver', 'destructive']);
  const streams = files.flatMap((file) => readStory(sourceOf(file)).turns).filter(({ send }) => !send);
  assert.ok(streams.length > 0);
  assert.is(withRequest('as it was', streams[0] ?? turnOf(PING), 'POST'), 'as it was');
});

test('a transcript that cannot be read is refused with its line', () => {
  assert.throws(() => readStory('# a title\n# clauses: none\nno mark'), /^line \d: /);
});

test.run();
