// The Socket.IO side: the namespace /plugin, in which plugins identify themselves and answer.
import { Server } from 'socket.io';
import { gatedServer } from './gate.mjs';
import { pushBounded } from './ids.mjs';

const CONNECTIONS_KEPT = 20000;

/**
 * Attaches Socket.IO to an HTTP server.
 * @param {import('../hub.mjs').Hub} hub
 * @param {import('node:http').Server} httpServer
 * @returns {Server}
 */
export function attachSocket(hub, httpServer) {
    const io = new Server(httpServer, {
        transports: ['websocket'],
        serveClient: false,
        ...hub.options.socketOptions,
        wsEngine: gatedServer(hub.links),
    });
    const namespace = io.of('/plugin');
    namespace.use((socket, next) => {
        const message = hub.links.rule(webSocketOf(socket), 'refuse');
        if (message === undefined) next();
        else next(new Error(message));
    });
    namespace.on('connection', (socket) => serve(hub, socket));
    return io;
}

/** The WebSocket below. It carries the plugin's id, for the rules of the plugin's link. */
const webSocketOf = (socket) => socket.conn.transport.socket;

function serve(hub, socket) {
    const connection = { socketId: socket.id, pluginId: null, connectedAt: Date.now(), boundAt: null, disconnectedAt: null, reason: null };
    pushBounded(hub.connections, connection, CONNECTIONS_KEPT);
    hub.counters.connections += 1;
    hub.counters.live += 1;

    const answerAck = (ack) => {
        if (typeof ack === 'function' && !hub.links.rule(webSocketOf(socket), 'noAnswerAck')) ack();
    };
    const from = () => ({ via: 'socket', socketId: socket.id, pluginId: connection.pluginId });

    socket.on('heartbeat', (message, ack) => {
        answerAck(ack);
        const plugin = hub.plugins.find(message?.id);
        if (!plugin || plugin.secret !== message.secret) badHeartbeat(hub, socket, message);
        else goodHeartbeat(hub, socket, connection, plugin);
        hub.watch.changed();
    });
    socket.on('response', (message, ack) => {
        answerAck(ack);
        hub.counters.responses += 1;
        hub.sessions.answer(message, from());
    });
    socket.on('log', (message, ack) => {
        answerAck(ack);
        hub.counters.logs += 1;
        hub.sessions.log(message, from());
    });
    socket.on('disconnect', (reason) => {
        hub.counters.live -= 1;
        Object.assign(connection, { disconnectedAt: Date.now(), reason });
        const plugin = hub.plugins.find(connection.pluginId);
        if (plugin) plugin.sockets = plugin.sockets.filter((other) => other !== socket);
        hub.watch.changed();
    });
    hub.watch.changed();
}

function goodHeartbeat(hub, socket, connection, plugin) {
    hub.counters.heartbeats += 1;
    if (connection.pluginId !== plugin.id) {
        const before = hub.plugins.find(connection.pluginId);
        if (before) before.sockets = before.sockets.filter((other) => other !== socket);
        connection.pluginId = plugin.id;
        connection.boundAt = Date.now();
        webSocketOf(socket).pluginId = plugin.id;
        plugin.sockets.push(socket);
        plugin.connectionsTotal += 1;
    }
    hub.plugins.heartbeat(plugin);
    for (const send of plugin.waitingRuns.splice(0)) send(socket);
}

function badHeartbeat(hub, socket, message) {
    hub.counters.badHeartbeats += 1;
    pushBounded(hub.badHeartbeats, { at: Date.now(), socketId: socket.id, id: message?.id }, 1000);
    if (hub.options.onBadSecret === 'disconnect') socket.disconnect(false);
    if (hub.options.onBadSecret === 'close') socket.disconnect(true);
}
