/** Flushes a folder, so that a rename within it survives a power cut. */
import { open } from 'node:fs/promises';

export async function syncFolder(dir: string): Promise<void> {
  const folder = await open(dir, 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}
