/**
 * Finds tests that cannot fail, or not always: without any assertion, with one that only some runs reach, with one whose failure is
 * swallowed, and with one that holds whatever the code does. One pure function over a tree `{ path: text }`.
 */
import * as ts from 'typescript/unstable/ast';
import { lineOf, nodesOf, parseTree } from './syntax.js';

/** What registers a test. `check`, `asking` and `browsed` stand for `test` where a program may be missing. */
const TESTS = new Set(['test', 'check', 'asking', 'browsed', 'needing']);

type Body = ts.ArrowFunction | ts.FunctionExpression;

/** Each as one sentence that begins with the file and the line. */
export function hollowTests(tree: Record<string, string>): string[] {
  const parsed = parseTree(tree);
  const asserting = assertingNames(parsed.values());
  const found: string[] = [];
  for (const [path, file] of parsed) {
    const report = (node: ts.Node, what: string) => found.push(`${path}:${lineOf(file, node)} ${what}`);
    for (const node of nodesOf(file)) {
      const constant = constantAssertion(node, file);
      if (constant !== undefined) report(node, `cannot fail: ${constant}`);
      const body = path.endsWith('.test.ts') ? testBody(node) : undefined;
      if (body === undefined) continue;
      if (!asserts(body, asserting)) report(node, 'asserts nothing');
      for (const inner of own(body)) {
        if (skipsAssertion(inner, body)) report(inner, 'asserts only if a condition holds');
        if (ts.isReturnStatement(inner) && isBeforeAssertion(inner, body, asserting))
          report(inner, 'returns before it has asserted');
        if (swallows(inner, asserting)) report(inner, 'catches the failure of an assertion');
      }
    }
  }
  return found;
}

/** The function of `test('title', function)`, also where another function wraps it. */
function testBody(node: ts.Node): Body | undefined {
  if (!ts.isCallExpression(node) || !TESTS.has(rootName(node.expression))) return undefined;
  const [title, run] = node.arguments;
  if (title === undefined || !(ts.isStringLiteral(title) || ts.isTemplateLiteral(title))) return undefined;
  return run !== undefined && isFunction(run) ? run : undefined;
}

/** The name at the root of `test`, `needing(test, …)` or `(chromium ? test : test.skip)`. */
function rootName(node: ts.Node): string {
  if (ts.isIdentifier(node)) return node.text;
  if (ts.isCallExpression(node)) return rootName(node.expression);
  if (ts.isParenthesizedExpression(node)) return rootName(node.expression);
  if (ts.isConditionalExpression(node)) return rootName(node.whenTrue);
  return '';
}

const isFunction = (node: ts.Node): node is Body => ts.isArrowFunction(node) || ts.isFunctionExpression(node);

/** The nodes of a test, without those of functions in it, which may return as they like. */
function* own(body: ts.Node): Generator<ts.Node> {
  const children: ts.Node[] = [];
  body.forEachChild((child) => {
    children.push(child);
  });
  for (const child of children) {
    if (
      ts.isMethodDeclaration(child) ||
      ts.isGetAccessorDeclaration(child) ||
      ts.isSetAccessorDeclaration(child) ||
      ts.isFunctionDeclaration(child)
    )
      continue;
    if (isFunction(child) && !isWholeTest(child)) continue;
    yield child;
    yield* own(child);
  }
}

/** The function in `test('…', () => inHeldTime(async (time) => { … }))`. */
function isWholeTest({ parent }: Body): boolean {
  return ts.isCallExpression(parent) && ts.isArrowFunction(parent.parent) && parent.parent.body === parent;
}

/** The name that a call ends with: `is` of `assert.is(…)`, `until` of `wire.until(…)`. */
function calledName({ expression }: ts.CallExpression): string {
  if (ts.isPropertyAccessExpression(expression)) return expression.name.text;
  return ts.isIdentifier(expression) ? expression.text : '';
}

/** A call of something of `assert`, or of fast-check's own. */
function isAssertion(node: ts.Node): node is ts.CallExpression {
  if (!ts.isCallExpression(node)) return false;
  let { expression } = node;
  while (ts.isPropertyAccessExpression(expression)) {
    if (expression.name.text === 'assert') return true;
    expression = expression.expression;
  }
  return ts.isIdentifier(expression) && expression.text === 'assert';
}

/** Whether anything in there can fail a test: an assertion, a throw, or a call of a function that can. */
function asserts(node: ts.Node, asserting: ReadonlySet<string>): boolean {
  for (const inner of nodesOf(node)) {
    if (isAssertion(inner) || ts.isThrowStatement(inner)) return true;
    if (ts.isCallExpression(inner) && asserting.has(calledName(inner))) return true;
  }
  return false;
}

/** The names of functions and methods that can fail a test, wherever they are declared. */
function assertingNames(files: Iterable<ts.SourceFile>): ReadonlySet<string> {
  const names = new Set<string>();
  const open = new Map<string, Set<string>>();
  for (const file of files) {
    for (const node of nodesOf(file)) {
      const declared = declaredFunction(node);
      if (declared === undefined) continue;
      const name = declared.name.getText(file);
      const calls = open.get(name) ?? new Set();
      open.set(name, calls);
      for (const inner of nodesOf(declared.body)) {
        if (isAssertion(inner) || ts.isThrowStatement(inner)) names.add(name);
        else if (ts.isCallExpression(inner)) calls.add(calledName(inner));
      }
    }
  }
  for (let before = -1; before !== names.size; ) {
    before = names.size;
    for (const [name, calls] of open) if ([...calls].some((called) => names.has(called))) names.add(name);
  }
  return names;
}

function declaredFunction(node: ts.Node): { name: ts.Node; body: ts.Node } | undefined {
  if (ts.isFunctionDeclaration(node) || ts.isMethodDeclaration(node))
    return node.body && node.name && { name: node.name, body: node.body };
  if (ts.isVariableDeclaration(node) || ts.isPropertyAssignment(node) || ts.isPropertyDeclaration(node))
    return node.initializer && isFunction(node.initializer)
      ? { name: node.name, body: node.initializer }
      : undefined;
  return undefined;
}

/** `if (…) assert…` without an else, unless a loop in the test gives the condition both values. */
function skipsAssertion(node: ts.Node, body: Body): boolean {
  if (!ts.isIfStatement(node) || node.elseStatement !== undefined) return false;
  for (let up: ts.Node = node.parent; up !== body; up = up.parent) if (isLoop(up)) return false;
  return [...nodesOf(node.thenStatement)].some(isAssertion);
}

const isLoop = (node: ts.Node): boolean =>
  ts.isForStatement(node) ||
  ts.isForOfStatement(node) ||
  ts.isForInStatement(node) ||
  ts.isWhileStatement(node) ||
  ts.isDoStatement(node);

/** A return on the way to an assertion, unless what is skipped is reported. */
function isBeforeAssertion(node: ts.ReturnStatement, body: Body, asserting: ReadonlySet<string>): boolean {
  if (node.expression !== undefined && asserts(node.expression, asserting)) return false;
  const calls = [...nodesOf(node.parent)].filter(ts.isCallExpression);
  if (calls.some((call) => calledName(call) === 'reportSkip')) return false;
  for (const later of own(body)) if (later.pos >= node.end && asserts(later, asserting)) return true;
  return false;
}

/** `try { assert… } catch {}`: a catch that neither asserts nor throws. */
function swallows(node: ts.Node, asserting: ReadonlySet<string>): boolean {
  if (!ts.isTryStatement(node) || node.catchClause === undefined) return false;
  const assertion = [...nodesOf(node.tryBlock)].some(isAssertion);
  return assertion && !asserts(node.catchClause.block, asserting);
}

/** What an assertion says about constants alone, or about one thing twice. */
function constantAssertion(node: ts.Node, file: ts.SourceFile): string | undefined {
  if (!isAssertion(node)) return undefined;
  const [first, second] = node.arguments;
  const text = node.getText(file);
  if (first === undefined) return undefined;
  if (calledName(node) === 'ok' && isTruthy(first)) return text;
  if (second === undefined || !['is', 'equal'].includes(calledName(node))) return undefined;
  // Two calls, or two reads of a property, may differ.
  const isSame = ts.isIdentifier(first) && first.getText(file) === second.getText(file);
  return (isConstant(first) && isConstant(second)) || isSame ? text : undefined;
}

const isConstant = (node: ts.Node): boolean => {
  if (ts.isArrayLiteralExpression(node)) return node.elements.every(isConstant);
  if (ts.isObjectLiteralExpression(node)) return node.properties.length === 0;
  return (
    node.kind === ts.SyntaxKind.TrueKeyword ||
    node.kind === ts.SyntaxKind.FalseKeyword ||
    ts.isStringLiteral(node) ||
    ts.isNumericLiteral(node)
  );
};

/** What is truthy whatever it holds. */
const isTruthy = (node: ts.Node): boolean =>
  isConstant(node) ||
  ts.isArrayLiteralExpression(node) ||
  ts.isObjectLiteralExpression(node) ||
  isFunction(node);
