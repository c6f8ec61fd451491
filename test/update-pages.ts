/** `npm run pages`: what the pages say about the tree and is no longer true; `--write` corrects the line counts. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from './support/process.js';
import { linesOf, projectTree, readText, trackedFiles } from './support/project-tree.js';
import { staleCounts, staleReferences, withCounts } from './support/references.js';

const tree = projectTree();
for (const page of trackedFiles().filter((file) => /\.(md|wire)$/.test(file))) {
  const text = readText(page);
  if (process.argv.includes('--write')) {
    const counted = withCounts(page, text, linesOf);
    if (counted !== text) writeFileSync(join(ROOT, page), counted);
  } else for (const problem of staleCounts(page, text, linesOf)) console.log(`${page}: ${problem}`);
  for (const { line, reference } of staleReferences(page, text, tree))
    console.log(`${page}:${line}: there is no ${reference}`);
}
