/** Questions made up by fast-check, near the edges of each rule. All text is well-formed, as OPA's is. */
import fc from 'fast-check';
import type { PolicyTool, Question } from '../../src/governance/policy/question.js';

/** Only a few, so that they coincide. */
const words = fc.constantFrom(
  ...['a', 'b', 'a:b', 'A', 'jira:write', 'approved:by:human', 'pii:read', '*', '', ' ', '日本:読む', '🚀'],
  ...['__proto__', 'constructor', '1', '1.0', 'é', 'e\u0301', '%s', '"', '\\', '\u2028'],
);
const names = fc.oneof(
  { weight: 9, arbitrary: words },
  { weight: 1, arbitrary: fc.string({ unit: 'grapheme', maxLength: 6 }) },
);

const tools: fc.Arbitrary<PolicyTool> = fc
  .record({
    required_scope: names,
    destructive: fc.boolean(),
    payload_cap: fc.option(fc.oneof(fc.nat(60), fc.integer({ min: 8_000, max: 8_400 })), {
      nil: undefined,
      freq: 3,
    }),
  })
  .map(({ payload_cap, ...tool }) => (payload_cap === undefined ? tool : { ...tool, payload_cap }));

/** Texts of about the limit, of units that take one, two, six and twelve characters, and any other JSON. */
const args = fc.oneof(
  fc
    .record({ unit: fc.constantFrom('x', '"', 'é', '🚀'), chars: fc.integer({ min: 8_160, max: 8_200 }) })
    .map(({ unit, chars }) => ({
      q: unit.repeat(chars / (unit.length * (unit === 'x' ? 1 : unit === '"' ? 2 : 6))),
    })),
  fc.jsonValue({ maxDepth: 2 }),
  fc.constantFrom({}, { title: 'x' }, null, { rate: 1e-7 }),
);

/** Seconds of this age, to the millisecond or to the last bit: one binary magnitude, as the Rego policy asks. */
const moments = fc.oneof(
  fc.integer({ min: 1_100_000_000, max: 2_100_000_000 }),
  fc.integer({ min: 1_100_000_000_000, max: 2_100_000_000_000 }).map((ms) => ms / 1_000),
  fc.double({ min: 1_100_000_000, max: 2_100_000_000, noNaN: true }),
);
const ages = fc.oneof(
  fc.constantFrom(0, 899, 899.999, 900, 900.000_000_2, 900.001, 901, -5),
  fc.double({ min: 899.999, max: 900.001, noNaN: true }),
  fc.integer({ min: -1_000, max: 100_000 }),
);

export const questions: fc.Arbitrary<Question> = fc
  .record({
    held: fc.array(fc.tuple(names, tools), { minLength: 1, maxLength: 4 }),
    called: fc.nat(3),
    other: fc.oneof({ weight: 9, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary: names }),
    scopes: fc.array(names, { maxLength: 4 }),
    granted: fc.nat(7),
    approved: fc.nat(3),
    age: fc.option(ages, { nil: undefined, freq: 9 }),
    now: moments,
    args,
    quota: fc.option(fc.record({ allow: fc.boolean(), retryAfterS: fc.nat(60) }), { nil: undefined }),
    user: names,
  })
  .map(({ held, called, other, scopes, granted, approved, age, now, args, quota, user }) => {
    const server = { name: 'generated', tools: new Map(held) };
    const [name = '', tool] = held[called % held.length] ?? [];
    const more = [
      ...(granted > 0 && tool !== undefined ? [server.tools.get(name)?.required_scope ?? ''] : []),
      ...(approved > 0 ? ['approved:by:human'] : []),
    ];
    const approved_at = age === undefined ? undefined : now - age;
    const token = { user, scopes: [...scopes, ...more], approved_at };
    return { server, tool: other ?? name, token, args, now, quota };
  });
