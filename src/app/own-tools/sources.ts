/**
 * The files that make up a tool module: its own, those that it imports by a relative path, those that they import, and so on. They
 * are found in the text, so a path in a comment counts as well; that costs reading one more file.
 */
import { readFile } from 'node:fs/promises';
import { fileURLToPath, pathToFileURL } from 'node:url';

const IMPORT = /\b(?:from|import)[\s(]*['"](\.{1,2}\/[^'"\n]*)['"]/g;

/** The text of each file by its path. A file that cannot be read is empty. @throws Error when the module itself cannot be read */
export async function sourcesOf(module: string): Promise<Map<string, string>> {
  const url = pathToFileURL(module);
  const sources = new Map([[fileURLToPath(url), await readFile(module, 'utf8')]]);
  // The loop also reaches what is added on the way.
  for (const [file, source] of sources)
    for (const [, path = ''] of source.matchAll(IMPORT)) {
      const imported = fileURLToPath(new URL(path, pathToFileURL(file)));
      if (!sources.has(imported)) sources.set(imported, await readFile(imported, 'utf8').catch(() => ''));
    }
  return sources;
}
