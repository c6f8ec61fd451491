/** The lesson as a course: chapters in their order, transcripts by name. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Chapter, readChapters } from '../chapters.js';
import { readStory, type Story } from './turns.js';

export type Course = {
  chapters(): Chapter[];
  chapter(name: string): Chapter | undefined;
  /** The text of a transcript or an exercise, by its path in the folder; undefined if no chapter has it. */
  source(file: string): string | undefined;
};

/** Reads the pages once, so open it again for each page: they may have been edited. */
export function openCourse(folder: string): Course {
  let cachedChapters: Chapter[] | undefined;
  const chapters = (): Chapter[] => {
    cachedChapters ??= readChapters(folder);
    return cachedChapters;
  };
  return {
    chapters,
    chapter: (name) => chapters().find((one) => one.name === name),
    source(file) {
      // Only paths that were found in the folder are read.
      const exists = chapters().some(({ files, exercise }) => files.includes(file) || exercise === file);
      return exists ? readFileSync(join(folder, file), 'utf8') : undefined;
    },
  };
}

/** @throws Error that names the file */
export function storyOf(course: Course, file: string): Story {
  const source = course.source(file);
  if (source === undefined) throw new Error(`${file}: there is no such transcript`);
  try {
    return readStory(source);
  } catch (error) {
    throw new Error(`${file}, ${error instanceof Error ? error.message : String(error)}`);
  }
}
