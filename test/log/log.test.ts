/** The log as its reader sees it: what is in a line, what is never in one, and how many lines there are. */
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { LOG_LEVELS } from '../../src/app/log/levels.js';
import { createLog } from '../../src/app/log/log.js';
import { EVENTS, type EventName } from '../../src/wire/log.js';

const test = suite('log');
const NOON = Date.UTC(2026, 10, 29, 12);

function logged(levels = 'info', format: 'json' | 'text' = 'json') {
  const lines: string[] = [];
  let time = NOON;
  const write = (line: string): void => void lines.push(line);
  const log = createLog({
    ...{ write, clock: () => new Date(time), levels: LOG_LEVELS.read(levels), format, colored: false },
  });
  return { ...log, lines, wait: (ms: number) => (time += ms) };
}

const CALLER = { server: 'internal-readonly-mcp', tenant: 'acme', user: 'ada', client: 'inspector 1.0' };
const IDS = { callId: 'c-1', traceId: '0af7651916cd43dd8448eb211c80319c' };

test('a line is one JSON object: time, level, event, message, then who, what, and which call', () => {
  const { report, lines } = logged();
  const cause = new Error('connect ECONNREFUSED 127.0.0.1:1');
  report(new Error('it cannot be reached', { cause }), 'database.unreachable', {
    ...{ ...CALLER, method: 'tools/call', tool: 'postgres.readonly', ...IDS },
  });
  assert.equal(lines, [
    JSON.stringify({
      ...{ time: '2026-11-29T12:00:00.000Z', level: 'error', event: 'database.unreachable' },
      message: 'the database is away: it cannot be reached: connect ECONNREFUSED 127.0.0.1:1',
      ...{ ...CALLER, method: 'tools/call', tool: 'postgres.readonly', ...IDS },
    }),
  ]);
});

test('on a terminal the same is one readable line, and a stack has lines of its own', () => {
  const { report, lines } = logged('info', 'text');
  report('expected another audience', 'auth.token-refused', { server: 's', refusal: 'wrong_audience' });
  assert.is(
    lines[0],
    '12:00:00.000 warn  auth.token-refused: a token was refused: expected another audience · server=s refusal=wrong_audience',
  );
  report(new Error('broken'), 'tool.failed', { tool: 'mine' });
  assert.match(
    lines[1] ?? '',
    /^12:00:00\.000 error tool\.failed: a handler failed: broken · tool=mine\n\s+at .*log\.test/,
  );
  report('\x1b[2J\u202ereversed\nforged line', 'policy.unavailable');
  assert.match(lines[2] ?? '', /policy\.unavailable: .*\\u001b\[2J\\u202ereversed\\u000aforged line$/);
});

test('neither tokens and secrets nor arguments are in a line, wherever an error repeats them', () => {
  const token = 'eyJhbGciOiJFUzI1NiJ9.eyJzdWIiOiJhZGEiLCJleHAiOjE4OTM0NTYwMDB9.c2lnbmF0dXJlc2lnbmF0dXJl';
  const sql = `select 'O''Hara "quoted"'\nfrom staff where badge = 4711`;
  for (const format of ['json', 'text'] as const) {
    const { report, lines } = logged('debug', format);
    const error = new Error(
      `Bearer ${token}; postgres://bw:hunter2hunter2@db/x; ran ${sql} and ${JSON.stringify(sql)}`,
    );
    report(error, 'tool.failed', { args: { sql, nested: [{ badge: 4711, colour: 'aquamarine' }] } });
    report(new Error('no such colour: aquamarine (4711)'), 'tool.failed', {
      args: [{ colour: 'aquamarine', badge: 4711 }],
    });
    const text = lines.join('\n');
    for (const secret of [token, 'hunter2', 'Hara', 'aquamarine', '4711'])
      assert.not.ok(text.includes(secret), `${secret} in ${text}`);
    assert.match(text, 'no such colour: [argument] ([argument])');
    const refusal = 'the policy forbids aquamarine';
    report(refusal, 'call.refused', { tenant: 'aquamarine', refusal, args: { colour: 'aquamarine' } });
    assert.match(lines.at(-1) ?? '', /tenant"?[:=]"?aquamarine/);
    assert.not.match(lines.at(-1) ?? '', 'forbids aquamarine');
  }
});

test('a short argument is masked where it stands as a word, and not within other words', () => {
  const { report, lines } = logged();
  const args = { pin: '042', seats: 3, initial: 'é', part: 'in', offset: -7, isOpen: true };
  report(new Error('PIN 042 is wrong, "042": seat 3 of 30 in line é, open at -7 is true'), 'tool.failed', {
    args,
  });
  assert.is(
    JSON.parse(lines[0] ?? '').message,
    'a handler failed: PIN [argument] is wrong, "[argument]": seat [argument] of 30 [argument] line [argument], open at -[argument] is true',
  );
});

test('a message in which not all arguments can be masked is hidden', () => {
  const { report, lines } = logged();
  const long = 'aquamarine '.repeat(10_000);
  report(new Error(`no such colour: ${long}`), 'tool.failed', { args: { long } });
  const many = Array.from({ length: 1_000 }, (_, at) => `colour-${at}`);
  report(new Error(`no such colour: ${many.at(-1)}`), 'tool.failed', { args: { many } });
  for (const line of lines) {
    assert.is(JSON.parse(line).message, 'a handler failed: [hidden: it may repeat arguments]');
    assert.not.match(line, /aquamarine|colour-/);
  }
  assert.is(lines.length, 2);
});

test('anything that a tool throws can be logged', () => {
  const { report, lines } = logged();
  const own = new Error('broken');
  own.cause = own;
  for (const thrown of [own, Object.create(null), [Object.create(null)], null, Symbol('s')])
    report(thrown, 'tool.failed');
  assert.equal(
    lines.map((line) => JSON.parse(line).message),
    [
      `a handler failed${': broken'.repeat(11)}`,
      'a handler failed: an object in place of an Error',
      'a handler failed: an array in place of an Error',
      'a handler failed: null in place of an Error',
      'a handler failed: Symbol(s)',
    ],
  );
});

test('text from outside takes a line of limited length', () => {
  const { report, lines } = logged();
  report('x'.repeat(1_000_000), 'policy.unavailable', { user: 'u'.repeat(10_000) });
  assert.ok((lines[0] ?? '').length < 3_000);
});

test('a level holds for all areas or for one, and hides what is less severe', () => {
  const all = Object.keys(EVENTS) as EventName[];
  const written = (levels: string): EventName[] => all.filter((event) => logged(levels).isLogged(event));
  assert.equal(written('off'), []);
  assert.equal(written('debug'), all);
  assert.equal(
    written('error'),
    all.filter((event) => EVENTS[event].level === 'error'),
  );
  assert.equal(
    written('off,auth=warn'),
    all.filter((event) => /^auth\./.test(event) && EVENTS[event].level !== 'info'),
  );
  assert.not.ok(logged().isLogged('call.ended'));
  assert.ok(logged('info,call=debug').isLogged('call.ended'));
  const problem = (text: string): string => {
    try {
      LOG_LEVELS.read(text);
    } catch (error) {
      return String(error);
    }
    return 'none';
  };
  assert.match(problem('loud'), 'expected off, error, warn, info, debug');
  assert.match(
    problem('info,auht=debug'),
    /expected one of the areas process, http, call, .*; did you mean auth\?/,
  );
});

test('at debug an error of an area shows where it came from', () => {
  const stackOf = (levels: string): unknown => {
    const { report, lines } = logged(levels);
    report(new Error('away'), 'policy.unavailable');
    return JSON.parse(lines[0] ?? '').stack;
  };
  assert.is(stackOf('info'), undefined);
  assert.match(String(stackOf('info,policy=debug')), /^Error: away\n\s+at /);
});

test('a lasting problem takes one line in ten seconds, hides no other, and says how many were left out', () => {
  const { report, lines, wait } = logged();
  for (let second = 0; second < 25; second += 1, wait(1_000)) report('away', 'database.unreachable');
  report('busy', 'database.busy');
  const seen = lines
    .map((line) => JSON.parse(line))
    .map(({ time, event, leftOut }) => [time.slice(17, 19), event, leftOut]);
  assert.equal(seen, [
    ['00', 'database.unreachable', undefined],
    ['10', 'database.unreachable', 9],
    ['20', 'database.unreachable', 9],
    ['25', 'database.busy', undefined],
  ]);
});

test('a flood takes a bounded number of lines, even if each is about something else', () => {
  const { report, lines, wait } = logged();
  for (let at = 0; at < 20; at += 1) report(new Error('same'), 'tool.failed', { tool: 'mine' });
  assert.is(lines.length, 5);
  for (let at = 0; at < 5_000; at += 1) report('no', 'call.refused', { tool: `made-up-${at}` });
  assert.is(lines.length, 5 + 100);
  wait(10_000);
  report('no', 'call.refused', { tool: 'mine' });
  assert.is(JSON.parse(lines.at(-1) ?? '').leftOut, 4_900);
});

test.run();
