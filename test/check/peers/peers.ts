/** The peers: servers of MCP on other stacks. Each is a folder here (or a package), pinned, and run from where install.ts puts it. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const SOURCE = fileURLToPath(new URL('.', import.meta.url));

/** A folder here, and how its packages are installed. */
export type Stack = 'node' | 'python' | 'python-1' | 'go' | 'rust' | 'java';
export type Command = { argv: readonly string[]; env?: { [name: string]: string } };
export type Peer = {
  name: string;
  title: string;
  stack: Stack;
  /** What is pinned, and the file of the stack's folder that pins it. */
  dependency: string;
  pinnedIn: string;
  path: string;
  /** `cwd` is the stack's folder where it was installed. */
  http: (port: number, cwd: string) => Command;
  stdio?: (cwd: string) => Command;
  /** Its own tool, where the first read-only tool is not a good one to call. */
  tool?: { name: string; args: { [name: string]: unknown } };
};

const node =
  (file: string, ...more: readonly string[]) =>
  (mode: string): Command => ({ argv: [process.execPath, file, mode, ...more] });
const python = (file: string) => (mode: string, cwd: string) => ({
  argv: [join(cwd, '.venv/bin/python'), file, mode],
});
const binary =
  (file: string, ...more: readonly string[]) =>
  (mode: string, cwd: string) => ({ argv: [join(cwd, file), mode, ...more] });

type Row = Omit<Peer, 'http' | 'stdio' | 'path'> & {
  run: (mode: string, cwd: string) => Command;
  stdio: boolean;
};

const EVERYTHING = 'node_modules/@modelcontextprotocol/server-everything/dist/index.js';
const ROWS: readonly Row[] = [
  {
    ...{ name: 'typescript-1', title: 'TypeScript SDK 1', stack: 'node', pinnedIn: 'package.json' },
    ...{ dependency: '@modelcontextprotocol/sdk', run: node('typescript-1.mjs'), stdio: true },
  },
  {
    ...{ name: 'typescript-2', title: 'TypeScript SDK 2', stack: 'node', pinnedIn: 'package.json' },
    ...{ dependency: '@modelcontextprotocol/server', run: node('typescript-2.mjs'), stdio: true },
  },
  {
    ...{
      name: 'everything',
      title: 'reference server "everything"',
      stack: 'node',
      pinnedIn: 'package.json',
    },
    dependency: '@modelcontextprotocol/server-everything',
    run: (mode) => ({
      argv: [process.execPath, EVERYTHING, mode === 'stdio' ? 'stdio' : 'streamableHttp'],
      env: { PORT: mode },
    }),
    stdio: true,
    tool: { name: 'echo', args: { message: 'hello' } },
  },
  {
    ...{
      name: 'fastmcp-typescript',
      title: 'FastMCP for TypeScript',
      stack: 'node',
      pinnedIn: 'package.json',
    },
    ...{ dependency: 'fastmcp', run: node('fastmcp.mjs'), stdio: true },
  },
  {
    ...{ name: 'mcp-lite', title: 'mcp-lite', stack: 'node', pinnedIn: 'package.json' },
    ...{ dependency: 'mcp-lite', run: node('mcp-lite.mjs'), stdio: false },
  },
  {
    ...{ name: 'python-1', title: 'Python SDK 1', stack: 'python-1', pinnedIn: 'requirements.txt' },
    ...{ dependency: 'mcp', run: python('official.py'), stdio: true },
  },
  {
    ...{ name: 'python-2', title: 'Python SDK 2', stack: 'python', pinnedIn: 'requirements.txt' },
    ...{ dependency: 'mcp', run: python('official.py'), stdio: true },
  },
  {
    ...{ name: 'fastmcp-python', title: 'FastMCP for Python', stack: 'python', pinnedIn: 'requirements.txt' },
    ...{ dependency: 'fastmcp', run: python('fastmcp_server.py'), stdio: true },
  },
  {
    ...{ name: 'go', title: 'Go SDK, with sessions', stack: 'go', pinnedIn: 'go.mod' },
    ...{ dependency: 'github.com/modelcontextprotocol/go-sdk', run: binary('bin/official'), stdio: true },
  },
  {
    ...{ name: 'go-stateless', title: 'Go SDK, stateless', stack: 'go', pinnedIn: 'go.mod' },
    dependency: 'github.com/modelcontextprotocol/go-sdk',
    ...{ run: binary('bin/official', 'stateless'), stdio: false },
  },
  {
    ...{ name: 'mcp-go', title: 'mcp-go', stack: 'go', pinnedIn: 'go.mod' },
    ...{ dependency: 'github.com/mark3labs/mcp-go', run: binary('bin/mcpgo'), stdio: true },
  },
  {
    ...{ name: 'rust', title: 'Rust SDK (rmcp)', stack: 'rust', pinnedIn: 'Cargo.toml' },
    ...{ dependency: 'rmcp', run: binary('target/release/barewire-check-peer'), stdio: true },
  },
  {
    ...{ name: 'java', title: 'Java SDK', stack: 'java', pinnedIn: 'pom.xml', dependency: 'mcp' },
    run: (mode, cwd) => ({
      argv: ['java', '-cp', `${join(cwd, 'classes')}:${join(cwd, 'lib')}/*`, 'Peer', mode],
    }),
    stdio: true,
  },
];

export const PEERS: readonly Peer[] = ROWS.map(({ run, stdio, ...peer }) => ({
  ...peer,
  path: '/mcp',
  http: (port, cwd) => run(String(port), cwd),
  ...(stdio ? { stdio: (cwd: string) => run('stdio', cwd) } : {}),
}));

/** The version that follows the name in the file that pins it, whatever the format puts between them. */
export function pinnedVersion({ stack, pinnedIn, dependency }: Peer): string {
  const text = readFileSync(join(SOURCE, stack, pinnedIn), 'utf8');
  const name = dependency.replace(/[^\w/@-]/g, '\\$&');
  const version = new RegExp(`(?<![\\w/-])${name}(?![\\w/-])[^\\d]{1,60}(\\d+\\.\\d+\\.\\d+)`).exec(
    text,
  )?.[1];
  if (version === undefined) throw new Error(`${stack}/${pinnedIn} does not pin ${dependency}`);
  return version;
}
