/** The tables of a run in the README, between two comments, in place of those of the run before. */
const BEGIN = '<!-- speed -->';
const END = '<!-- /speed -->';

/** @throws Error when the README has no such place. */
export function intoReadme(readme: string, tables: string): string {
  const [begin, end] = [readme.indexOf(BEGIN), readme.indexOf(END)];
  if (begin < 0 || end < begin) throw new Error(`the README has no ${BEGIN} … ${END}`);
  return `${readme.slice(0, begin + BEGIN.length)}\n${tables}\n${readme.slice(end)}`;
}
