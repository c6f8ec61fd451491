/** Opens a page in the browser of the person at this machine. No shell sees the address, and only web addresses are opened. */
import { spawn } from 'node:child_process';
import { platform } from 'node:os';

/** Resolves with false if there is no browser to open it with. The caller prints the address as well. */
export async function openBrowser(
  url: URL,
  program: readonly string[] = opener(platform()),
): Promise<boolean> {
  if (url.protocol !== 'https:' && url.protocol !== 'http:') return false;
  const [command = '', ...args] = program;
  return new Promise((resolve) => {
    const child = spawn(command, [...args, url.href], { stdio: 'ignore', detached: true });
    child.once('error', () => resolve(false));
    child.once('spawn', () => {
      // A browser may run for hours, and this program must not wait for it.
      child.unref();
      resolve(true);
    });
  });
}

function opener(system: NodeJS.Platform): string[] {
  if (system === 'darwin') return ['open'];
  // Not "start", which is a word of the shell: a shell would act on the & of a query.
  if (system === 'win32') return ['rundll32', 'url.dll,FileProtocolHandler'];
  return ['xdg-open'];
}
