/** What is wrong with an SVG, or undefined: every element is closed, no text is taken for one, and every number is one. */
export function svgProblem(svg: string): string | undefined {
  const element = /<(\/?)(\w+)(?:\s+[\w-]+="[^"<&]*")*\s*(\/?)>/g;
  const open: string[] = [];
  for (const [all, closing, name = '', alone] of svg.matchAll(element)) {
    if (closing === '/' && open.pop() !== name) return `${all} closes another element`;
    if (closing !== '/' && alone !== '/') open.push(name);
  }
  if (open.length > 0) return `${open.join(', ')} is open at the end`;
  // What is left without its elements is text, and holds nothing that would have to be escaped.
  if (/[<>]|&(?!amp;|lt;|gt;)/.test(svg.replace(element, ''))) return 'something is not escaped';
  return /NaN|Infinity|undefined/.exec(svg)?.[0];
}
