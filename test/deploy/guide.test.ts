/** The guide from nothing to a governed tool behind TLS: its commands, pasted in order, in a folder where the package is installed. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { blocksIn, compare } from '../support/chapter.js';
import { freePortsInARow } from '../support/free-port.js';
import { type Ended, paste, ROOT, run } from '../support/process.js';
import { needPrograms } from '../support/programs.js';
import { scriptArguments } from '../support/script.js';

needPrograms('deploy/guide', 'bash', 'curl', 'openssl');
const test = suite('deploy/guide');
const PAGE = 'src/app/deploy/README.md';

test('each command does what the guide says', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'barewire-guide-'));
  mkdirSync(join(folder, 'node_modules/.bin'), { recursive: true });
  const program = `#!/bin/sh\nexec '${process.execPath}' '${join(ROOT, 'dist/server.js')}' "$@"\n`;
  writeFileSync(join(folder, 'node_modules/.bin/barewire'), program, { mode: 0o755 });
  const base = await freePortsInARow(4);
  const here = (text: string): string =>
    text.replaceAll(/localhost:300(\d)/g, (_, at) => `localhost:${base + Number(at)}`);
  const state = { XDG_STATE_HOME: join(folder, 'state') };
  const blocks = blocksIn(PAGE);
  // The first one builds and installs the package, as process/packed.test.ts does.
  const [, certificate = '', tool = '', start = '', token = '', call = '', again = '', audit = ''] = blocks
    .filter(({ language }) => language === 'bash')
    .map(({ text }) => here(text));
  const trust = certificate.split('\n').find((line) => line.startsWith('export ')) ?? '';
  const type = async (...texts: readonly string[]): Promise<Ended> => {
    const ended = await paste(['set -e', ...texts].join('\n'), state, folder);
    assert.is(ended.code, 0, `${texts.join('\n')}${ended.stdout}${ended.stderr}`);
    return ended;
  };
  await type(certificate, tool);
  const served = start
    .trim()
    .replace('npx', 'exec')
    .replace('barewire', `node_modules/.bin/barewire --port-base ${base}`);
  const server = run('bash', ['-c', `${trust}\n${served}`], state, folder);
  try {
    await server.seen('Ctrl-C stops it.');
    const asked = await type(trust, token, call);
    const page = /https:[^" ]+\/approvals\/[\w-]{20,}/.exec(asked.stdout)?.[0] ?? '';
    const issuer = here('https://localhost:3003');
    const approve = [...scriptArguments('test/deploy/approve.ts'), page, issuer];
    const approved = run(process.execPath, approve, { NODE_EXTRA_CA_CERTS: join(folder, 'ca.pem') });
    assert.is((await approved.ended).code, 0, approved.errors());
    const { stdout } = await type(trust, token, again);
    const shown = blocks.find(({ language }) => language === 'json');
    assert.is(shown && compare(shown, stdout), undefined);
    assert.match((await type(audit)).stdout, /service_restart/);
  } finally {
    server.child.kill('SIGTERM');
    await server.ended;
    rmSync(folder, { recursive: true, force: true });
  }
});

test.run();
