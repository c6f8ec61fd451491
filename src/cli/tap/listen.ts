/** The ports of the tap, on this machine only. */
import type { Server } from 'node:http';
import { listen } from '../../wire/http/listener.js';

export const HOST = '127.0.0.1';

/** Resolves with the port. `flag` is the one that chooses another. */
export async function listenOn(server: Server, port: number, flag: string): Promise<number> {
  try {
    return await listen(server, port, HOST);
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EADDRINUSE') throw new Error(`port ${port} is in use; choose another with ${flag}`);
    if (code === 'EACCES')
      throw new Error(`port ${port} is not for this user; choose one above 1023 with ${flag}`);
    throw error;
  }
}
