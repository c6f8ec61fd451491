/** Where the lesson is served: on loopback by default, and nowhere else. */
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { freePort } from '../support/free-port.js';
import { runServer } from '../support/process.js';

const test = suite('learn/served');
const READY = 'Ctrl-C stops it.';

/** The output of such a server about the lesson, and the status of its pages. */
async function lessonOf(
  args: readonly string[],
  given?: number,
): Promise<{ said: boolean; statuses: number[] }> {
  const server = runServer(['--only', 'readonly', ...args]);
  try {
    await server.seen(READY);
    const port = given ?? /http:\/\/localhost:(\d+)/.exec(server.output())?.[1];
    const statuses: number[] = [];
    for (const path of ['/learn', '/learn/01-one-request', '/learn/style.css'])
      statuses.push((await fetch(`http://localhost:${port}${path}`)).status);
    return { said: server.output().includes('Learn MCP at'), statuses };
  } finally {
    server.child.kill('SIGTERM');
    await server.ended;
  }
}

test('on loopback the lesson is there, and its address is the first that is printed', async () => {
  assert.equal(await lessonOf([]), { said: true, statuses: [200, 200, 200] });
});

test('--no-learn turns it off', async () => {
  assert.equal(await lessonOf(['--no-learn']), { said: false, statuses: [404, 404, 404] });
});

test('a server with a public address has no lesson', async () => {
  const port = await freePort();
  const url = ['--readonly-url', 'https://mcp.example.com/mcp', '--issuer', 'https://login.example.com'];
  const { said, statuses } = await lessonOf([...url, '--readonly-port', String(port)], port);
  assert.equal([said, statuses], [false, [404, 404, 404]]);
});

test.run();
