/** `npm run lesson -- --out FOLDER`: plays every transcript once and writes the lesson as static pages with the answers. */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { createTheatre } from '../app/theatre/theatre.js';
import { createStoredTrace } from '../app/trace.js';
import { FIXTURES, ROOT } from '../lesson/files.js';
import { type Course, openCourse } from '../lesson/learn/course.js';
import { type PlayedTurn, perform } from '../lesson/learn/perform.js';
import { type Recording, recordWhatIfs } from '../lesson/learn/record.js';
import { siteFiles } from '../lesson/learn/site.js';
import type { SourceAt } from '../lesson/pages/annotated.js';

const USAGE = `Writes the lesson as static pages, with recorded answers, ready to publish anywhere.

usage: npm run lesson -- --out FOLDER

  --out FOLDER   an empty folder, or one that does not exist yet
  --help         print this`;
const GIT_MS = 5_000;
/** Of a page with its style and its script, or of anything that the script fetches. */
const MAX_BYTES = 300 * 1024;

try {
  process.exitCode = await main();
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: { out: { type: 'string' }, help: { type: 'boolean', short: 'h' } },
  });
  if (values.help === true || values.out === undefined) {
    process.stdout.write(`${USAGE}\n`);
    return values.help === true ? 0 : 1;
  }
  // npm runs scripts in the project's folder, wherever the user called it.
  const out = resolve(process.env.INIT_CWD ?? '.', values.out);
  const inside = await readdir(out).catch(() => []);
  if (inside.length > 0)
    throw new Error(`--out: expected an empty folder, and ${out} has ${inside.length} entries`);
  const course = openCourse(FIXTURES);
  const { recordings, problems } = await record(course);
  let count = 0;
  let sharedBytes = 0;
  for (const { path, text } of siteFiles(course, (file) => recordings.get(file), publishedSource())) {
    const bytes = Buffer.byteLength(text);
    if (/^(?:style\.css|script\.js)$/.test(path)) sharedBytes += bytes;
    else if (bytes + sharedBytes > MAX_BYTES)
      problems.push(
        `${path} weighs ${bytes + sharedBytes} bytes with its style and its script, over ${MAX_BYTES}`,
      );
    const target = join(out, path);
    await mkdir(dirname(target), { recursive: true });
    await writeFile(target, text);
    count += 1;
  }
  for (const problem of problems) process.stderr.write(`${problem}\n`);
  process.stdout.write(`${count} files in ${out}; begin with index.html\n`);
  return problems.length === 0 ? 0 : 1;
}

type LessonRecording = { recordings: Map<string, Recording>; problems: string[] };

async function record(course: Course): Promise<LessonRecording> {
  const { store, tracing } = createStoredTrace((error, about) => {
    process.stderr.write(`${about}: ${error}\n`);
  });
  const theatre = createTheatre(tracing);
  const live = { stageFor: theatre.stageFor, store };
  const turnsByFile = new Map<string, PlayedTurn[]>();
  const recordings = new Map<string, Recording>();
  const problems: string[] = [];
  try {
    const chapters = course.chapters();
    for (const file of chapters.flatMap(({ files }) => files)) {
      const turns = await perform(course.source(file) ?? '', live);
      turnsByFile.set(file, turns);
      const [mistake] = turns.flatMap(({ mistakes }) => mistakes);
      if (mistake !== undefined) problems.push(`${file}:${mistake.line} did not come back as written`);
    }
    // Afterwards, so that no mistake changes what a transcript gets back.
    const core = new Set(chapters.flatMap((chapter) => chapter.core));
    for (const [file, turns] of turnsByFile) {
      const whatIfs = core.has(file)
        ? await recordWhatIfs(course.source(file) ?? '', live)
        : new Map<string, PlayedTurn>();
      recordings.set(file, { turns, whatIfs });
    }
  } finally {
    await theatre.close();
  }
  return { recordings, problems };
}

/** The lines of this very commit, in the repository that package.json names. Lines of another commit may differ. */
function publishedSource(): SourceAt | undefined {
  const { repository } = JSON.parse(readFileSync(`${ROOT}package.json`, 'utf8'));
  const [, address] = /^git\+(https:\/\/.+)\.git$/.exec(repository?.url ?? '') ?? [];
  const commit = currentCommit();
  if (address === undefined || commit === undefined) return undefined;
  return (file, line) => `${address}/blob/${commit}/${file}${line === undefined ? '' : `#L${line}`}`;
}

function currentCommit(): string | undefined {
  try {
    const options = { cwd: ROOT, encoding: 'utf8', timeout: GIT_MS, stdio: 'pipe' } as const;
    return execFileSync('git', ['rev-parse', '--short=12', 'HEAD'], options).trim();
  } catch {
    return undefined; // There is no git here, or no repository.
  }
}
