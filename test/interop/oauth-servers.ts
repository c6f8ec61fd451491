/**
 * barewire as a process of its own, started as people start it, on free ports and with nothing configured: what a
 * client has to know it must find out. The process trusts one more certificate, so that clients of the test can be
 * described at an https address.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ROOT, run } from '../support/process.js';
import { scriptArguments } from '../support/script.js';

export type Servers = {
  readonly: URL;
  destructive: URL;
  authserver: string;
  /** What a request went to, as a reader of a test would call it: "readonly/mcp". */
  nameOf(address: URL): string;
  close(): Promise<void>;
};

/** `approval`: where a token alone can bring one, the challenge is a status in every revision. */
export async function openServers(trusted?: string, approval?: 'token'): Promise<Servers> {
  const folder = await mkdtemp(join(tmpdir(), 'barewire-oauth-'));
  const { child, output, seen, ended } = run(
    process.execPath,
    scriptArguments('src/server.ts'),
    {
      BAREWIRE_READONLY_PORT: '0',
      BAREWIRE_DESTRUCTIVE_PORT: '0',
      BAREWIRE_AUTHSERVER_PORT: '0',
      BAREWIRE_REGISTRY_PORT: '0',
      XDG_STATE_HOME: folder,
      ...(approval === undefined ? {} : { BAREWIRE_APPROVAL: approval }),
      ...(trusted === undefined ? {} : { NODE_EXTRA_CA_CERTS: trusted }),
    },
    ROOT,
  );
  const close = async (): Promise<void> => {
    child.kill('SIGTERM');
    await ended;
    await rm(folder, { recursive: true, force: true });
  };
  try {
    await seen('Ctrl-C stops it.');
  } catch (error) {
    await close();
    throw error;
  }
  const found = new Map(
    [...output().matchAll(/^ {2}(readonly|destructive|authserver) +(http:\S+)$/gm)].map(
      ([, name = '', url = '']) => [name, url],
    ),
  );
  const address = (name: string): string => {
    const url = found.get(name);
    if (url === undefined) throw new Error(`no address of ${name} in ${output()}`);
    return url;
  };
  const readonly = new URL(address('readonly'));
  const destructive = new URL(address('destructive'));
  const authserver = address('authserver');
  const names = new Map([...found].map(([name, url]) => [new URL(url).origin, name]));
  const nameOf = ({ origin, pathname }: URL): string => `${names.get(origin) ?? origin}${pathname}`;
  return { readonly, destructive, authserver, nameOf, close };
}
