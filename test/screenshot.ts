/**
 * Makes `.github/trace.png`, the picture of the trace page in the README: starts the built server with `--trace`, makes a few calls
 * with curl, and photographs the page in Chromium. `npm run build && npx tsx test/screenshot.ts` runs it; ports 3000 to 3003 must be
 * free. Reduce it to 64 colors afterwards, such as with pngquant.
 */
import { join } from 'node:path';
import { type Browser, chromium } from 'playwright-core';
import { curlCommand, tokenCommand } from '../src/app/welcome.js';
import { paste, ROOT, run } from './support/process.js';
import { findProgram } from './support/programs.js';

const SERVER = 'http://localhost:3000/mcp';

/** Calls a tool as the server's welcome message shows it. */
async function callTool(name: string, args: object, accessToken: string): Promise<void> {
  const call = { method: 'tools/call', name, params: { name, arguments: args } };
  await paste(curlCommand(SERVER, call), { TOKEN: accessToken });
}

let browser: Browser | undefined;
const server = run(process.execPath, ['dist/server.js', '--trace']);
try {
  await server.seen('Ctrl-C stops it.');
  const [, trace = ''] = /^ +trace +(\S+)$/m.exec(server.output()) ?? [];
  const getToken = tokenCommand('http://localhost:3003', SERVER, 'postgres:query:readonly incidents:read');
  const { stdout: accessToken } = await paste(`${getToken}; printf %s "$TOKEN"`);
  await callTool('incidents.list', {}, '');
  await callTool('incidents.list', { severity: 'SEV1', limit: 1 }, accessToken);
  await callTool('jira.search', { jql: 'project = OPS' }, accessToken);
  const sql = 'select name, plan from customers order by id limit 2';
  await callTool('postgres.readonly', { sql }, accessToken);

  const executablePath = findProgram('chromium');
  browser = await chromium.launch({
    ...(executablePath === undefined ? {} : { executablePath }),
    args: ['--no-sandbox', '--disable-dev-shm-usage'],
  });
  const page = await browser.newPage({ viewport: { width: 1280, height: 900 }, colorScheme: 'light' });
  await page.goto(trace);
  await page.getByRole('link', { name: 'postgres.readonly' }).first().click();
  await page.locator('[data-note]', { hasText: 'mcp-name' }).first().click();
  await page.screenshot({ path: join(ROOT, '.github', 'trace.png') });
} finally {
  await browser?.close();
  server.child.kill('SIGTERM');
  await server.ended;
}
