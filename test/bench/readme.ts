/** Puts what a run found into the page, between two comments, in place of what the last run on the same Node found. */

/** @throws Error when the page has no such place. */
export function intoReadme(readme: string, place: string, found: string): string {
  const [opening, closing] = [`<!-- ${place} -->`, `<!-- /${place} -->`];
  const [begin, end] = [readme.indexOf(opening), readme.indexOf(closing)];
  if (begin < 0 || end < begin) throw new Error(`test/bench/README.md has no ${opening} … ${closing}`);
  return `${readme.slice(0, begin + opening.length)}\n${found}\n${readme.slice(end)}`;
}
