/** The tables of a run in the README, between two comments, in place of those of the run before on the same Node. */

/** @throws Error when the README has no place for that major version. */
export function intoReadme(readme: string, tables: string, major: string): string {
  const [opening, closing] = [`<!-- speed: Node ${major} -->`, `<!-- /speed: Node ${major} -->`];
  const [begin, end] = [readme.indexOf(opening), readme.indexOf(closing)];
  if (begin < 0 || end < begin) throw new Error(`the README has no ${opening} … ${closing}`);
  return `${readme.slice(0, begin + opening.length)}\n${tables}\n${readme.slice(end)}`;
}
