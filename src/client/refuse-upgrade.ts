/**
 * Where a server answers 101 Switching Protocols, node closes the connection of the request, and then neither answers nor fails:
 * a caller would wait forever. Nothing here asks for another protocol.
 */
import type { ClientRequest } from 'node:http';

export function refuseUpgrade(request: ClientRequest): ClientRequest {
  return request.on('upgrade', (_response, socket) => {
    socket.destroy();
    request.emit('error', new Error('the server switches to another protocol'));
  });
}
