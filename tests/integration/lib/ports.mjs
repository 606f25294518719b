// A port for a listener whose number must be known before it listens.
import { once } from 'node:events';
import net from 'node:net';

/** A port of loopback that nobody listens on. */
export async function freePort() {
    const server = net.createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address();
    server.close();
    await once(server, 'close');
    return port;
}
