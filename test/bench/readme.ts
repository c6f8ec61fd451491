/** Puts the tables of a run into the page, between two comments, in place of those of the last run on the same Node. */

/** @throws Error when the page has no place for that major version. */
export function intoReadme(readme: string, tables: string, major: string): string {
  const [opening, closing] = [`<!-- speed: Node ${major} -->`, `<!-- /speed: Node ${major} -->`];
  const [begin, end] = [readme.indexOf(opening), readme.indexOf(closing)];
  if (begin < 0 || end < begin) throw new Error(`test/bench/README.md has no ${opening} … ${closing}`);
  return `${readme.slice(0, begin + opening.length)}\n${tables}\n${readme.slice(end)}`;
}
