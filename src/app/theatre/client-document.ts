/**
 * Serves a Client ID Metadata Document, as the developer of a client would. Its URL is the client's id, so the client need not
 * register.
 *
 * @see https://datatracker.ietf.org/doc/draft-ietf-oauth-client-id-metadata-document/
 */
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

export type ClientDocument = { address: string; close(): Promise<void> };

export async function openClientDocument(): Promise<ClientDocument> {
  const server = createServer((request, response) => {
    response.setHeader('Content-Type', 'application/json');
    response.end(
      JSON.stringify({
        client_id: `http://${request.headers.host}/client.json`,
        client_name: 'Learner',
        redirect_uris: ['http://127.0.0.1:4711/callback'],
      }),
    );
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    address: `http://127.0.0.1:${port}/client.json`,
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
