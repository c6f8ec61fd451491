/**
 * Exercises: transcripts with gaps, `TODO(what to write | a hint)`, in lines that are sent or must come back. Finds the gaps,
 * fills them in, plays what is filled in, and says for each gap whether the answer holds.
 */
import type { Mistake } from './player/play.js';
import { type Place, placesIn } from './transcripts/places.js';
import { readTranscript, type Transcript } from './transcripts/transcript.js';

export type Gap = {
  /** Counts from 1, like an editor. */
  line: number;
  /** Counts the gaps of the file, from 0. */
  index: number;
  task: string;
  hint?: string;
};
/** `open`: not filled in. `unchecked`: something before it is wrong or open, so that it was not played. */
export type Verdict = 'right' | 'wrong' | 'open' | 'unchecked';
export type Grade = { gap: Gap; verdict: Verdict };
export type ExerciseResult = { solved: boolean; grades: Grade[]; mistakes: Mistake[] };

const GAP = /\bTODO(?:\(([^)]*)\))?/g;
const HELD = /^[<>=]/;
const LINE_BREAK = /\r?\n/;

export function gapsIn(text: string): Gap[] {
  const gaps = text
    .split(LINE_BREAK)
    .flatMap((line, at) => gapsOf(line).map((gap) => ({ line: at + 1, ...gap })));
  return gaps.map((gap, index) => ({ ...gap, index }));
}

/** Puts the values into the gaps, in order. A gap without a value, or with an empty one, stays. */
export function fillGaps(text: string, values: readonly string[]): string {
  let index = 0;
  const fill = (gap: string): string => {
    // Another line would be no part of the transcript's block.
    const value = (values[index] ?? '').split(/[\r\n]/).map((part) => part.trim());
    index += 1;
    return value.join(' ').trim() || gap;
  };
  return text
    .split('\n')
    .map((line) => (HELD.test(line) ? line.replace(GAP, fill) : line))
    .join('\n');
}

/** The gaps as an exercise had them, even if a solution does not have them any more. Undefined if its lines are others. */
export function gapsFor(exercise: string, solution: string): Gap[] | undefined {
  const [exerciseLines, solutionLines] = [exercise.split(LINE_BREAK), solution.split(LINE_BREAK)];
  const gaps = gapsIn(exercise);
  const gapLines = new Set(gaps.map(({ line }) => line));
  const same = exerciseLines.every(
    (line, at) => gapLines.has(at + 1) || line.trimEnd() === solutionLines[at]?.trimEnd(),
  );
  return same ? gaps : undefined;
}

/** Plays a solution up to its first open gap. `gaps` are those of the exercise: the solution may have none any more. */
export async function checkSolution(
  gaps: readonly Gap[],
  solution: string,
  playIt: (transcript: Transcript, text: string) => Promise<Mistake[]>,
): Promise<ExerciseResult> {
  const [firstOpen] = gapsIn(solution);
  const text = firstOpen === undefined ? solution : before(solution, firstOpen.line);
  if (!/^[<>]/m.test(text)) return { solved: false, grades: gradeGaps(gaps, solution, []), mistakes: [] };
  const reading = readTranscript(text);
  const wasPlayed = reading.kind === 'transcript';
  const mistakes: Mistake[] = wasPlayed
    ? await playIt(reading.transcript, text)
    : [{ line: reading.line, problem: reading.problem }];
  const grades = gradeGaps(gaps, solution, mistakes, wasPlayed);
  const solved = firstOpen === undefined && mistakes.length === 0;
  return { solved, grades, mistakes };
}

/** Without `wasPlayed`, the first mistake is the line that could not be read, and nothing was sent. */
export function gradeGaps(
  gaps: readonly Gap[],
  solution: string,
  mistakes: readonly Mistake[],
  wasPlayed = true,
): Grade[] {
  const places = placesIn(solution);
  const open = gapsIn(solution);
  const stillOpen = ({ line, task }: Gap) => open.some((one) => one.line === line && one.task === task);
  const end = Math.min(...open.map(({ line }) => places[line - 1]?.exchange ?? line));
  const blame = mistakes.length === 0 ? undefined : blameFor(gaps, solution, mistakes, places, wasPlayed);
  return gaps.map((gap) => {
    const place = places[gap.line - 1];
    if (stillOpen(gap)) return { gap, verdict: 'open' };
    if (blame?.wrong.has(gap)) return { gap, verdict: 'wrong' };
    const reached = place !== undefined && place.exchange < end && blame?.isUnchecked(gap, place) !== true;
    return { gap, verdict: reached && wasPlayed ? 'right' : 'unchecked' };
  });
}

type Blame = { wrong: Set<Gap>; isUnchecked: (gap: Gap, place: Place) => boolean };

/**
 * Which gaps explain the differences: those in the same part of the response, or else those of the request, or else the last
 * ones before it, which may have led to a token or an id that is of no use here.
 */
function blameFor(
  gaps: readonly Gap[],
  solution: string,
  mistakes: readonly Mistake[],
  places: readonly Place[],
  wasPlayed: boolean,
): Blame {
  const lines = solution.split(LINE_BREAK);
  const at = (gap: Gap) => places[gap.line - 1];
  const failedPlace = places[(mistakes[0]?.line ?? 0) - 1];
  // No line expects what came: a further record, of any of the requests.
  if (failedPlace === undefined) return { wrong: new Set(), isUnchecked: () => true };
  const wrong = new Set<Gap>();
  let isUnexplained = false;
  for (const mistake of mistakes) {
    const member = 'where' in mistake ? lastMember(mistake.where) : undefined;
    const inPart = gaps.filter((gap) => [gap.line, at(gap)?.part].includes(mistake.line));
    const namedGaps = inPart.filter(
      ({ line }) => member === undefined || lines[line - 1]?.includes(`"${member}"`),
    );
    for (const gap of namedGaps) wrong.add(gap);
    if (namedGaps.length === 0) isUnexplained = wasPlayed;
  }
  const requestGaps = gaps.filter(
    (gap) => at(gap)?.mark === '>' && (at(gap)?.exchange ?? 0) <= failedPlace.exchange,
  );
  const last = Math.max(...requestGaps.map((gap) => at(gap)?.exchange ?? 0));
  const suspects = isUnexplained ? requestGaps.filter((gap) => at(gap)?.exchange === last) : [];
  // With the right status, the head was accepted.
  const inBody = mistakes.some((one) => ('where' in one && one.where === 'status') || 'problem' in one)
    ? []
    : suspects.filter((gap) => at(gap)?.inBody);
  const guilty = inBody.length > 0 ? inBody : suspects;
  // What came back is not the answer to the right request.
  if (guilty.length > 0) wrong.clear();
  for (const gap of guilty) wrong.add(gap);
  return {
    wrong,
    isUnchecked: (_, place) =>
      place.exchange > failedPlace.exchange ||
      (place.mark !== '>' &&
        (isUnexplained ? place.block >= failedPlace.block : place.block > failedPlace.block)),
  };
}

/** `body at /result/content/0/text` is about a member `text`. */
function lastMember(where: string): string | undefined {
  const pointer = where.includes(' at /') ? where.slice(where.indexOf(' at /') + 4) : '';
  return pointer.split('/').findLast((name) => name !== '' && !/^\d+$/.test(name));
}

/** The lines before the exchange to which a line belongs. */
function before(text: string, line: number): string {
  const exchange = placesIn(text)[line - 1]?.exchange ?? 1;
  return text
    .split('\n')
    .slice(0, exchange - 1)
    .join('\n');
}

function gapsOf(line: string): { index: number; task: string; hint?: string }[] {
  if (!HELD.test(line)) return [];
  return [...line.matchAll(GAP)].map(([, inside = '']) => {
    const [task = '', ...hints] = inside.split('|').map((part) => part.trim());
    const hint = hints.join(' | ');
    return {
      index: 0,
      task: task === '' ? 'something is missing here' : task,
      ...(hint === '' ? {} : { hint }),
    };
  });
}
