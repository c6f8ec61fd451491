/**
 * The official suite's scenarios for authorization servers, against the development one: each for every version of
 * the specification that the suite knows, with a person who signs in and allows what the suite asks for. Runs on its
 * own, too; one failure, or a scenario that checked nothing, fails the run.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { inspect } from 'node:util';
import { startAuthServer } from '../../src/services/authserver/authserver.js';
import { freePort } from '../support/free-port.js';
import { authorize } from '../support/person.js';
import { until } from '../support/until.js';

export type Outcome = { scenario: string; passed: number; failed: number };

const SCRIPT = fileURLToPath(
  new URL('../../node_modules/@modelcontextprotocol/conformance/dist/index.js', import.meta.url),
);
const VERSIONS = ['2025-03-26', '2025-06-18', '2025-11-25', '2026-07-28'];
const SCENARIOS = ['authorization-server-metadata-endpoint', 'authorization-code-grant'];
const RESOURCE = 'http://localhost:3000/mcp';
const CLIENT = 'conformance-suite';

export async function authorization(): Promise<Outcome[]> {
  const cwd = await mkdtemp(join(tmpdir(), 'barewire-authorization-')); // the suite leaves its results where it runs
  const server = await startAuthServer({
    host: '127.0.0.1',
    port: 0,
    stateDir: join(cwd, 'state'),
    resources: () => [{ resource: RESOURCE, name: 'Conformance', tools: [], scopes: ['conformance:read'] }],
    extraClients: [
      {
        id: CLIENT,
        name: 'MCP conformance suite',
        redirectUris: ['http://127.0.0.1/callback'], // on whichever port
        grants: ['authorization_code', 'refresh_token'],
      },
    ],
  });
  try {
    const outcomes: Outcome[] = [];
    for (const version of VERSIONS) outcomes.push(...(await run(server.issuer, version, cwd)));
    return outcomes;
  } finally {
    await server.close();
    await rm(cwd, { recursive: true, force: true });
  }
}

/** The suite asks for no secret: a server that takes public clients is met as one of them. */
async function run(issuer: string, version: string, cwd: string): Promise<Outcome[]> {
  const args = ['authorization', '--url', issuer, '--client-id', CLIENT, '--resource', RESOURCE];
  let output = '';
  // Somebody may take the port before the suite does; it then ends without a verdict, which is none and never a pass.
  for (let tries = 0; tries < 3 && !/^[✓✗] /m.test(output); tries++) {
    if (output !== '') console.error(`authorization ${version}: no verdict, once more\n${output}`);
    const port = String(await freePort());
    output = await suite([...args, '--port', port, '--spec-version', version], cwd, issuer);
  }
  return SCENARIOS.map((scenario) => {
    const [, passed = '0', failed = '0'] =
      new RegExp(`^[✓✗] ${scenario}: (\\d+) passed, (\\d+) failed`, 'm').exec(output) ?? [];
    const checked = Number(passed) + Number(failed) > 0;
    return {
      scenario: `${scenario} (${version})`,
      passed: Number(passed),
      failed: checked ? Number(failed) : 1,
    };
  });
}

/** Runs the suite and opens the address that it prints. It needs Node 22 or later; npm lends one where this is older. */
async function suite(args: string[], cwd: string, issuer: string): Promise<string> {
  const old = Number(process.versions.node.split('.')[0]) < 22;
  const [command, ...words] = old
    ? ['npx', '-y', '-p', 'node@24', 'node', SCRIPT]
    : [process.execPath, SCRIPT];
  const child = spawn(command ?? 'node', [...words, ...args], {
    cwd,
    stdio: ['ignore', 'pipe', 'inherit'],
    detached: true,
  });
  const closed = once(child, 'close');
  const lines: string[] = [];
  for await (const line of createInterface({ input: child.stdout })) {
    lines.push(line);
    if (!line.startsWith(`${issuer}/authorize?`)) continue;
    try {
      const callback = await authorize(line);
      // The suite prints the address before it listens for what comes back.
      const visit = () => fetch(callback).then((response) => response.text());
      await until(() => visit().catch(() => undefined), 'the suite takes the callback');
    } catch (error) {
      // It would wait for minutes, and npm stands between: the whole group ends.
      if (child.pid !== undefined) process.kill(-child.pid);
      lines.push(inspect(error));
    }
  }
  await closed;
  return lines.join('\n');
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const outcomes = await authorization();
  for (const { scenario, passed, failed } of outcomes) {
    console.log(`${failed === 0 ? 'passed' : 'FAILED'} ${scenario}: ${passed} passed, ${failed} failed`);
  }
  process.exitCode = outcomes.every(({ failed }) => failed === 0) ? 0 : 1;
}
