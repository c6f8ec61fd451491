/** Lists the chapters in spec-fixtures/, each with its title, first paragraph, transcripts and exercise. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

export type Chapter = {
  /** `01-one-request`. */
  name: string;
  number: number;
  title: string;
  /** The first paragraph of its README.md, or ''. */
  summary: string;
  /** Paths relative to the folder. */
  files: string[];
  exercise: string | undefined;
};

const EXERCISE = 'exercise.wire';

/** An exercise is a transcript with gaps, which its reader fills in first. */
export function isPlayed(file: string): boolean {
  return file.endsWith('.wire') && !/(^|[\\/])exercise\.wire$/.test(file);
}

export function readChapters(folder: string): Chapter[] {
  return readdirSync(folder)
    .filter((name) => /^\d{2}-/.test(name))
    .sort()
    .map((name) => {
      const inside = readdirSync(join(folder, name)).sort();
      const readme = inside.includes('README.md')
        ? readFileSync(join(folder, name, 'README.md'), 'utf8')
        : '';
      return {
        name,
        number: Number(name.slice(0, 2)),
        title: /^# +(.+)$/m.exec(readme)?.[1] ?? name.slice(3).replaceAll('-', ' '),
        summary: firstParagraph(readme),
        files: inside.filter(isPlayed).map((file) => `${name}/${file}`),
        exercise: existsSync(join(folder, name, EXERCISE)) ? `${name}/${EXERCISE}` : undefined,
      };
    });
}

/** The first block of text that is not a heading, as one line. */
function firstParagraph(markdown: string): string {
  const block = markdown
    .split(/\r?\n\s*\r?\n/)
    .find((one) => one.trim() !== '' && !/^\s*(#|```|<!--)/.test(one));
  return block?.trim().replace(/\s+/g, ' ') ?? '';
}
