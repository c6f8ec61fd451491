/**
 * Every regular expression of src/, held against a checker for patterns whose time explodes: a text that somebody else sends
 * must not hold the process. Patterns come from three places: literals, `new RegExp` while the modules load, and `pattern` in
 * the schemas of tools and manifests. The checker takes two minutes for all of them, so here it meets only those that are not in
 * `patterns.json` yet; `patterns-list.test.ts` checks the list. `--write` writes it.
 */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, sep } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { checkPattern, LIST, readList } from './support/patterns.js';
import { modulePath } from './support/script.js';
import { readSource } from './support/source.js';

const test = suite('patterns');
const src = fileURLToPath(new URL('../src/', import.meta.url));

/** Files whose patterns the checker cannot clear, and what bounds their time. Nothing else may be vulnerable. */
const BOUNDED: { [file: string]: string } = {
  // Candidates of a bounded length between two boundaries, too large for the checker.
  'governance/policy/detect/addresses.ts':
    'each at sign reads its left side once; every other repetition has a bound',
  'governance/policy/detect/numbers.ts': 'every repetition has a bound',
  'governance/policy/detect/assignments.ts': 'every repetition has a bound',
  // Each begins at a boundary and has gaps of a bounded length, or takes the rest of what it has begun.
  'governance/policy/detect/secrets.ts': 'policy/hostile.test.ts holds the time of hostile texts',
  // Windows of at most 60 characters between two words.
  'services/registry/check/orders.ts':
    'the first 16 KiB of a text, in pieces; registry/scan.test.ts scans hostile ones',
  // The one that is not linear meets what maxLength has let through.
  'demo/tools/jira-create.ts': 'a summary of at most 255 characters, which ajv checks first',
  // Each alternative has at most 24 characters before the mark that it needs.
  'lesson/trace/wire.ts': 'the kept part of a traced body',
  // Too large for the checker. Names of one list each, and a name has no part that repeats.
  'demo/database/sql-text.ts': 'names of functions in a statement of at most 10,000 characters',
  // Too large for the checker. A member that is masked is passed over whole.
  'lesson/trace/mask.ts': 'the kept part of a traced body',
  // The transcripts of the lesson and those that a learner writes: nobody sends them.
  'lesson/transcripts/request.ts': 'transcripts are files of the machine that plays them',
};

/** `new RegExp` within functions, which no loading of the module shows, and what makes them harmless. */
const MADE_LATER: { [file: string]: string } = {
  'governance/policy/columns.ts': 'plain names of columns, written in a policy',
  'wire/schema/plainly-valid.ts': 'made to see whether it can be, and matched with nothing',
  'services/registry/manifest/plainly-fits.ts': 'the schemas of manifests and tools, written in the code',
  'wire/schema/nulls.ts': "a tool's own schema, which its author wrote",
  'app/theatre/forms.ts': 'the name of an attribute, written in the code',
  'lesson/learn/what-if.ts': 'names of headers, written in the code',
  'lesson/transcripts/match.ts': 'an expected line of a transcript, a file of the machine that plays it',
};

type Found = { file: string; source: string; flags: string };

const files = readdirSync(src, { recursive: true, encoding: 'utf8' })
  .map((name) => name.split(sep).join('/'))
  .filter((name) => name.endsWith('.ts'))
  .sort();
const sources = new Map(
  files.map((file) => [file, readSource(readFileSync(join(src, file), 'utf8').replace(/^#!.*/, ''))]),
);

const literals: Found[] = [...sources].flatMap(([file, { patterns }]) =>
  patterns.map(({ source, flags }) => ({ file, source, flags })),
);

const inSchemas: Found[] = [...sources].flatMap(([file, { code }]) =>
  [...code.matchAll(/\bpattern: '((?:\\.|[^'\\\n])*)'/g)].map(([, text = '']) => ({
    file,
    source: text.replace(/\\(.)/g, '$1'),
    flags: 'u',
  })),
);

/** These begin to run when they are loaded. */
const PROGRAMS = [
  'server.ts',
  'app/program.ts',
  'walkthrough/main.ts',
  'walkthrough/lesson.ts',
  'demo/database/embedded-worker.ts',
  'services/registry/check/thread-worker.ts',
];

async function madeWhileLoading(): Promise<Found[]> {
  const made: Found[] = [];
  const { RegExp: Original } = globalThis;
  globalThis.RegExp = new Proxy(Original, {
    construct(target, [source, flags]: [string | RegExp, string | undefined]) {
      const caller = new Error().stack?.split('\n')[2] ?? '';
      const file = files.find((name) => caller.includes(`${modulePath(join(src, name))}:`));
      const pattern = new target(source, flags);
      if (file !== undefined) made.push({ file, source: pattern.source, flags: pattern.flags });
      return pattern;
    },
  });
  try {
    for (const file of files)
      if (!PROGRAMS.includes(file)) await import(pathToFileURL(modulePath(join(src, file))).href);
  } finally {
    globalThis.RegExp = Original;
  }
  return made;
}

const listed = new Set(readList());
const verdicts = new Map<string, string>();

async function vulnerable(found: readonly Found[]): Promise<string[]> {
  const problems: string[] = [];
  for (const { file, source, flags } of found) {
    if (Object.hasOwn(BOUNDED, file)) continue;
    const pattern = `/${source}/${flags}`;
    const verdict =
      verdicts.get(pattern) ?? (listed.has(pattern) ? 'safe' : await checkPattern(source, flags));
    verdicts.set(pattern, verdict);
    if (verdict !== 'safe') problems.push(`${file}: ${pattern} is ${verdict}`);
  }
  return problems;
}

test('no regular expression that is written in the source is vulnerable', async () => {
  assert.ok(literals.length > 200, `${literals.length}`);
  assert.equal(await vulnerable(literals), []);
});
test('no pattern of a schema is vulnerable', async () => {
  assert.ok(inSchemas.length > 8, `${inSchemas.length}`);
  assert.equal(await vulnerable(inSchemas), []);
});
test('no regular expression that is assembled from pieces is vulnerable, and those assembled at run time are known', async () => {
  const made = await madeWhileLoading();
  assert.equal(await vulnerable(made), []);
  for (const [file, { bare }] of sources) {
    const written = [...bare.matchAll(/\bnew RegExp\b/g)].length;
    const seen = made.filter((one) => one.file === file).length;
    if (written > seen)
      assert.ok(Object.hasOwn(MADE_LATER, file), `${file} makes ${written - seen} patterns late`);
  }
});
test('the lists name files that have such patterns', () => {
  for (const file of Object.keys(BOUNDED))
    assert.ok(
      [...literals, ...inSchemas].some((one) => one.file === file),
      file,
    );
  for (const file of Object.keys(MADE_LATER)) assert.match(sources.get(file)?.bare ?? '', 'new RegExp', file);
});

test.after(() => {
  const safe = [...verdicts].filter(([, verdict]) => verdict === 'safe').map(([pattern]) => pattern);
  if (process.argv.includes('--write')) writeFileSync(LIST, `${JSON.stringify(safe.sort(), null, 2)}\n`);
});
test.run();
