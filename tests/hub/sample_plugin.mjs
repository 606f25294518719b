// A minimal plugin on the official client, for the Hub's own tests and to show the protocol. It is not part of angod.
import { io } from 'socket.io-client';

/**
 * Connects as a plugin.
 * @param {string} url of the Hub
 * @param {{id: string, secret: string}} plugin
 * @param {(event: object, api: {respond: Function, log: Function, ack?: Function}) => void} [onRun]
 * @param {object} [socketOptions] for socket.io-client
 */
export function connectPlugin(url, plugin, onRun = () => {}, socketOptions = {}) {
    const socket = io(`${url}/plugin`, { transports: ['websocket'], reconnection: false, forceNew: true, ...socketOptions });
    const heartbeat = () => socket.emit('heartbeat', { id: plugin.id, secret: plugin.secret });
    const timer = setInterval(heartbeat, 60_000);
    timer.unref?.();
    socket.on('connect', heartbeat);
    socket.on('plugin', (event, ack) =>
        onRun(event, {
            respond: (message) => socket.emit('response', { ...message, session: event.session }),
            log: (level, msg) =>
                socket.emit('log', {
                    level,
                    organization: event.orgId,
                    pluginId: plugin.id,
                    runBy: event.runBy,
                    session: event.session,
                    msg,
                }),
            ack,
        }),
    );
    return {
        socket,
        heartbeat,
        close() {
            clearInterval(timer);
            socket.close();
        },
    };
}
