/** The gaps of an exercise: `TODO(what is asked)`, anywhere in a line of what is sent or must come back. */

export type Todo = { line: number; asked: string };

export function todosIn(text: string): Todo[] {
  return text.split(/\r?\n/).flatMap((line, index) =>
    /^[<>=]/.test(line)
      ? [...line.matchAll(/\bTODO(?:\(([^)]*)\))?/g)].map(([, asked = '']) => ({
          line: index + 1,
          asked: asked === '' ? 'something is missing here' : asked,
        }))
      : [],
  );
}
