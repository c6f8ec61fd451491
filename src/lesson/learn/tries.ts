/** What readers try on the pages: sending a request of a transcript, changed or not, and checking an exercise. */
import { isRecord, preview } from '../../wire/value.js';
import { checkSolution, fillGaps, gapsIn } from '../exercises.js';
import { play } from '../player/play.js';
import { readTranscript } from '../transcripts/transcript.js';
import type { Course } from './course.js';
import { type Live, type PlayedTurn, perform } from './perform.js';
import { firstLineOf, readStory, requestText, withRequest } from './turns.js';
import { whatIfsFor } from './what-if.js';

export type Tries = {
  /** `body`: `{ file, turn, text?, whatIf? }`. Returns the turns up to the one that was sent. */
  send(body: unknown): Promise<{ file: string; turns: PlayedTurn[] }>;
  /** `body`: `{ file, values }`. */
  check(body: unknown): Promise<{ file: string; source: string; values: string[]; result: ExerciseResult }>;
};
type ExerciseResult = Awaited<ReturnType<typeof checkSolution>>;

/** What the reader sent cannot be used; the message names the member, what was expected and what came. */
export class Unusable extends Error {}
/** Too many others are waiting. */
export class Busy extends Error {}

/** Characters of a request, and of a value in a gap. */
const MAX_TEXT = 64 * 1024;
const MAX_VALUE = 4 * 1024;
const MAX_VALUES = 50;
/** In a request; each may make some megabytes. */
const MAX_REPEATS = 2;
/** Transcripts are played one after the other, because some of them change what the servers remember. */
const MAX_WAITING = 8;

/** @param renew ends the servers of `live`, so that the next ones remember nothing */
export function createTries(
  openCourse: () => Course,
  live: () => Promise<Live>,
  renew: () => Promise<void> = async () => {},
): Tries {
  let waiting = 0;
  let plays = 0;
  let last: Promise<unknown> = Promise.resolve();
  const inTurn = async <T>(work: () => Promise<T>): Promise<T> => {
    if (waiting >= MAX_WAITING) throw new Busy('others are trying something just now; try again in a moment');
    waiting += 1;
    const mine = last.then(work);
    last = mine.catch(() => {});
    try {
      return await mine;
    } finally {
      waiting -= 1;
    }
  };
  // An approval or a subscription of an earlier try may change an answer. Then new servers get the same again.
  const untilFresh = async <T>(
    work: (live: Live) => Promise<T>,
    isAsWritten: (result: T) => boolean,
  ): Promise<T> => {
    const result = await work(await live());
    plays += 1;
    if (plays === 1 || isAsWritten(result)) return result;
    await renew();
    plays = 1;
    return work(await live());
  };
  return {
    async send(body) {
      const { file, source, turn, isChanged } = readChange(openCourse(), body);
      const turns = await inTurn(() =>
        untilFresh(
          (servers) => perform(source, servers, turn),
          (turns) => isChanged || turns.every(({ mistakes }) => mistakes.length === 0),
        ),
      );
      if (isChanged) checkSent(turns.at(-1));
      return { file, turns };
    },
    async check(body) {
      const { file, source } = sourceOf(openCourse(), body);
      const values = valuesIn(body);
      const solution = fillGaps(source, values);
      // What only reads depends on no earlier try.
      const isRead = !/^# *server: *(?:destructive|hasty|sessions)/m.test(source);
      const result = await inTurn(() =>
        untilFresh(
          ({ stageFor }) =>
            checkSolution(gapsIn(source), solution, async (transcript, text) => {
              return (await play(transcript, await stageFor(transcript, text))).mistakes;
            }),
          ({ solved, grades }) => solved || isRead || grades.some(({ verdict }) => verdict === 'open'),
        ),
      );
      return { file, source, values, result };
    },
  };
}

/** A reader's text may have an insertion that there is nothing for. */
function checkSent(last: PlayedTurn | undefined): void {
  const [mistake] = last?.mistakes ?? [];
  if (last === undefined || last.sent.length > 0 || mistake === undefined || !('problem' in mistake)) return;
  throw new Unusable(`text, line ${mistake.line - firstLineOf(last.turn) + 1}: ${mistake.problem}`);
}

/** The transcript as the reader wants it sent. */
type Change = { file: string; source: string; turn: number; isChanged: boolean };

function readChange(course: Course, body: unknown): Change {
  const { file, source, members } = sourceOf(course, body);
  const { turn: index, text, whatIf } = members;
  const { turns } = readStory(source);
  const turn = typeof index === 'number' ? turns[index] : undefined;
  if (turn?.send === undefined)
    throw new Unusable(`turn: expected the number of a request of ${file}, received ${preview(index)}`);
  if (whatIf !== undefined) {
    const request = requestText(turn);
    const change = whatIfsFor(request)
      .find(({ id }) => id === whatIf)
      ?.change(request);
    if (change === undefined)
      throw new Unusable(`whatIf: expected a mistake that fits this request, received ${preview(whatIf)}`);
    return { file, source: withRequest(source, turn, change), turn: turn.index, isChanged: true };
  }
  if (text === undefined) return { file, source, turn: turn.index, isChanged: false };
  if (typeof text !== 'string' || text.length > MAX_TEXT)
    throw new Unusable(`text: expected a text of at most ${MAX_TEXT} characters, received ${preview(text)}`);
  const repeats = text.split('{{repeat').length - 1;
  if (repeats > MAX_REPEATS)
    throw new Unusable(`text: expected at most ${MAX_REPEATS} times {{repeat …}}, received ${repeats}`);
  const edited = withRequest(source, turn, text);
  const reading = readTranscript(edited);
  if (reading.kind === 'refused')
    throw new Unusable(`text, line ${reading.line - firstLineOf(turn) + 1}: ${reading.problem}`);
  return { file, source: edited, turn: turn.index, isChanged: text !== requestText(turn) };
}

function sourceOf(course: Course, body: unknown) {
  if (!isRecord(body)) throw new Unusable(`expected a JSON object, received ${preview(body)}`);
  const { file } = body;
  const source = typeof file === 'string' ? course.source(file) : undefined;
  if (source === undefined || typeof file !== 'string')
    throw new Unusable(`file: expected the path of a transcript, received ${preview(file)}`);
  return { file, source, members: body };
}

function valuesIn(body: unknown): string[] {
  const values = isRecord(body) ? body.values : undefined;
  // Several wildcards in one text take time that grows with the answer's length, again for each of them.
  const isShort = (one: unknown): one is string =>
    typeof one === 'string' &&
    one.length <= MAX_VALUE &&
    one.split('{{').length <= 2 &&
    !/\{\{(?:any|repeat)\b/.test(one);
  if (!Array.isArray(values) || values.length > MAX_VALUES || !values.every(isShort))
    throw new Unusable(
      `values: expected at most ${MAX_VALUES} texts of at most ${MAX_VALUE} characters, each with at most one {{name}} and no {{any}}, received ${preview(values)}`,
    );
  return values;
}
