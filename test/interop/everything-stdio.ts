/** The server with everything on stdin and stdout, for the official clients to start. */
import { BOUNDS, serveStdio } from '../../src/index.js';
import { createEverything } from '../conformance/everything.js';

const { server } = createEverything({ stateless: true });
await serveStdio(server, process.stdin, process.stdout, { ...BOUNDS, drainMs: 200 });
