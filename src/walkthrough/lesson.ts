/** `npm run lesson -- --out FOLDER`: plays every transcript once and writes the lesson as static pages with the answers. */
import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { createTheatre } from '../app/theatre/theatre.js';
import { createStoredTrace } from '../app/trace.js';
import { FIXTURES } from '../lesson/files.js';
import { type Course, openCourse } from '../lesson/learn/course.js';
import { type Performed, perform } from '../lesson/learn/perform.js';
import { siteFiles } from '../lesson/learn/site.js';

const USAGE = `Writes the lesson as static pages, with recorded answers, ready to publish anywhere.

usage: npm run lesson -- --out FOLDER

  --out FOLDER   an empty folder, or one that does not exist yet
  --help         print this`;

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
  const { performed, problems } = await record(course);
  for (const problem of problems) process.stderr.write(`${problem}\n`);
  let count = 0;
  for (const { path, text } of siteFiles(course, (file) => performed.get(file))) {
    const target = join(out, path);
    await mkdir(dirname(target), { recursive: true });
    await writeFile(target, text);
    count += 1;
  }
  process.stdout.write(`${count} files in ${out}; begin with index.html\n`);
  return problems.length === 0 ? 0 : 1;
}

type Recording = { performed: Map<string, Performed[]>; problems: string[] };

async function record(course: Course): Promise<Recording> {
  const { store, tracing } = createStoredTrace((error, about) => {
    process.stderr.write(`${about}: ${error}\n`);
  });
  const theatre = createTheatre(tracing);
  const performed = new Map<string, Performed[]>();
  const problems: string[] = [];
  try {
    for (const file of course.chapters().flatMap(({ files }) => files)) {
      const turns = await perform(course.source(file) ?? '', {
        stageFor: theatre.stageFor,
        store,
      });
      performed.set(file, turns);
      const [mistake] = turns.flatMap(({ mistakes }) => mistakes);
      if (mistake !== undefined) problems.push(`${file}:${mistake.line} did not come back as written`);
    }
  } finally {
    await theatre.close();
  }
  return { performed, problems };
}
