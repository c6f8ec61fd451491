/**
 * The syntax trees of TypeScript files, as the compiler reads them. The only file that knows its programming interface, which TypeScript 7
 * still calls unstable.
 */
import type { Node, SourceFile } from 'typescript/unstable/ast';
import { createVirtualFileSystem } from 'typescript/unstable/fs';
import { API } from 'typescript/unstable/sync';

const CONFIG = '/tsconfig.json';

/** `tree` is `{ path: text }`; the paths of the result are the same. */
export function parseTree(tree: Record<string, string>): Map<string, SourceFile> {
  const files = Object.keys(tree).map((path) => `/${path}`);
  const config = { compilerOptions: { noLib: true, noResolve: true, types: [], allowJs: true }, files };
  const texts = Object.entries(tree).map(([path, text]) => [`/${path}`, text]);
  const fs = createVirtualFileSystem({ ...Object.fromEntries(texts), [CONFIG]: JSON.stringify(config) });
  const api = new API({ cwd: '/', fs });
  try {
    const snapshot = api.updateSnapshot({ openProject: CONFIG });
    const program = snapshot.getProject(CONFIG)?.program;
    const parsed = new Map<string, SourceFile>();
    for (const path of Object.keys(tree)) {
      const file = program?.getSourceFile(`/${path}`);
      if (file === undefined) throw new Error(`${path}: the compiler did not read it`);
      parsed.set(path, file);
    }
    snapshot.dispose();
    return parsed;
  } finally {
    api.close();
  }
}

/** The node and all below it, outer ones first. */
export function* nodesOf(node: Node): Generator<Node> {
  yield node;
  const children: Node[] = [];
  node.forEachChild((child) => {
    children.push(child);
  });
  for (const child of children) yield* nodesOf(child);
}

/** The line on which a node begins, from 1. */
export function lineOf(file: SourceFile, node: Node): number {
  return file.text.slice(0, node.getStart(file)).split('\n').length;
}
