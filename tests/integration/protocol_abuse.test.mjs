import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { after, before, describe, it } from 'node:test';
import { until } from './lib/angod.mjs';
import { isSanitized, peakBytesOf } from './lib/processes.mjs';
import { RawServer, handshake } from './lib/raw_server.mjs';
import { System } from './lib/system.mjs';

const live = (act) => async (peer) => {
    await peer.accept();
    await act(peer);
};
const says = (...messages) => live((peer) => peer.send(...messages));
const http = (text) => ({ instead: (socket) => socket.end(text) });
const event = '42/plugin,["plugin",{"session":"s"}]';

const namingOneAttachment = (times) =>
    `451-/plugin,${JSON.stringify(['plugin', { session: 's', list: Array(times).fill({ _placeholder: true, num: 0 }) }])}`;

/** The server's action, the reason that angod gives, the plugin's state, and the time until both must appear. */
const abuses = {
    'an unknown Engine.IO packet': [says('x'), /not an Engine\.IO packet/],
    'an empty message': [says(''), /not an Engine\.IO packet/],
    'an Engine.IO message without a packet': [says('4'), /not a Socket\.IO packet/],
    'an unknown Socket.IO packet': [says('49/plugin,[]'), /not a Socket\.IO packet/],
    'an event without arguments': [says('42/plugin,[]'), /event without a name/],
    'an event whose name is no text': [says('42/plugin,[{"a":1}]'), /event without a name/],
    'an event that is no list': [says('42/plugin,{"a":1}'), /event that cannot be read/],
    'an event without JSON': [says('42/plugin,'), /event that cannot be read/],
    'malformed JSON': [says('42/plugin,["plugin",{"session":'), /event that cannot be read/],
    'an ack id beyond all numbers': [says('42/plugin,99999999999999999999999["plugin",{}]'), /id that is too long/],
    'a binary message that belongs to nothing': [says(Buffer.from('stray')), /belongs to no event/],
    'too many attachments': [says('4599999-/plugin,["plugin",{}]'), /count of 0 to 64 attachments/],
    'a binary event without a count': [says('45/plugin,["plugin",{}]'), /count of 0 to 64 attachments/],
    'a binary event that names a missing attachment': [
        says('451-/plugin,["plugin",{"_placeholder":true,"num":5}]', Buffer.from('x')),
        /names an attachment it does not have/,
    ],
    'a text message where an attachment is due': [
        says('452-/plugin,["plugin",{"_placeholder":true,"num":0}]', Buffer.from('x'), event),
        /text message where the rest of a binary event was due/,
    ],
    'a binary event that names one attachment very often': [
        says(namingOneAttachment(2000), Buffer.alloc(1_600_000)),
        /^the server sent a binary event that has 4070 MB with its attachments in place, more than the limit of 64 MB$/,
    ],
    'malformed JSON in a binary event': [says('451-/plugin,["plugin",', Buffer.from('x')), /not JSON/],
    'a binary ack that nobody asked for': [
        says('461-/plugin,3[{"_placeholder":true,"num":0}]', Buffer.from('x')),
        /asked for no acknowledgement/,
    ],
    'an Engine.IO close': [says('1'), /the server closed the connection/],
    'the end of the namespace': [says('41/plugin,'), /Hub ended the plugin's session/],
    'a close without status': [live((peer) => peer.socket.close()), /closed the connection \(code 1005\)$/],
    'a close with 1009': [live((peer) => peer.socket.close(1009)), /closed the connection \(code 1009\)$/],
    'the end of TCP': [live((peer) => peer.socket.terminate()), /: the server ended the connection$/],
    'a reset of TCP': [live((peer) => peer.socket._socket.resetAndDestroy()), /: the server ended the connection$|reset/i],
    'HTTP 400 in place of frames, which is how Engine.IO refuses a protocol version': [
        live((peer) =>
            peer.sendRaw(
                Buffer.from('HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n{"code":5,"message":"Unsupported protocol version"}'),
            ),
        ),
        /broke the WebSocket protocol: Invalid use of reserved bits$/,
    ],
    'a compressed frame, which nobody negotiated': [
        live((peer) => peer.sendRaw([0xc1, 0x03, 0x32, 0x00, 0x00])),
        /broke the WebSocket protocol: Invalid use of reserved bits$/,
    ],
    'the middle of a message that never began': [
        live((peer) => peer.sendRaw([0x80, 0x01, 0x32])),
        /broke the WebSocket protocol: Invalid message continuation$/,
    ],
    'a ping longer than a ping may be': [
        live((peer) => peer.sendRaw([0x89, 0x7e, 0x00, 0x7e, ...Buffer.alloc(126)])),
        /broke the WebSocket protocol: Control messages are limited/,
    ],
    'a close before the handshake': [(peer) => peer.socket.close(), /closed the connection \(code 1005\)$/],
    'a close behind the handshake, as when no namespace is connected in time': [
        (peer) => {
            peer.send(handshake());
            peer.socket.close();
        },
        /closed the connection \(code 1005\)$/,
    ],
    'the end of TCP behind the handshake': [
        (peer) => {
            peer.send(handshake());
            peer.socket.terminate();
        },
        /: the server ended the connection$/,
    ],
    'another namespace than the one that was asked for': [
        async (peer) => {
            peer.send(handshake());
            await peer.frame((frame) => frame === '40/plugin,');
            peer.send('40{"sid":"x"}', '40/other,{"sid":"x"}', event);
        },
        /no answer to the WebSocket and Socket\.IO handshakes in time/,
    ],
    'an end of the namespace right behind its start': [
        async (peer) => {
            await peer.accept();
            peer.send('41/plugin,');
            peer.socket.close();
        },
        /Hub ended the plugin's session/,
    ],
    'a frame of a reserved kind': [live((peer) => peer.sendRaw([0x83, 0x00])), /broke the WebSocket protocol: invalid opcode$/],
    'a masked frame': [
        live((peer) => peer.sendRaw([0x81, 0x81, 1, 2, 3, 4, 5])),
        /broke the WebSocket protocol: Servers may not send masked frames$/,
    ],
    'a text that is no UTF-8': [
        live((peer) => peer.sendRaw([0x81, 0x02, 0xc3, 0x28])),
        /broke the WebSocket protocol: Invalid UTF8 encoding$/,
    ],
    'a frame announced with 2^62 bytes': [
        live((peer) => peer.sendRaw([0x81, 0x7f, 0x40, 0, 0, 0, 0, 0, 0, 0])),
        /the server sent a message longer than the limit of 64 MB$/,
    ],
    'a close frame of one byte': [
        live((peer) => peer.sendRaw([0x88, 0x01, 0x03])),
        /broke the WebSocket protocol: Unable to extract close code$/,
    ],
    'silence once it was live': [
        (peer) => peer.accept({ pingInterval: 200, pingTimeout: 200 }),
        /nothing received for longer than/,
        'backoff',
        30000,
    ],
    'a handshake that is no JSON': [(peer) => peer.send('0{"sid":'), /handshake is not a JSON object/],
    'a handshake without ping times': [(peer) => peer.send('0{"sid":"a"}'), /no usable pingInterval/],
    'a handshake with negative ping times': [(peer) => peer.send(handshake({ pingInterval: -1 })), /no usable pingInterval/],
    'no handshake': [() => {}, /no answer to the WebSocket and Socket\.IO handshakes in time/],
    'no answer to the namespace connect': [
        (peer) => peer.send(handshake()),
        /no answer to the WebSocket and Socket\.IO handshakes in time/,
    ],
    'HTTP 101 with an extension that nobody offered': [
        {
            instead: (socket, request) => {
                const accept = createHash('sha1')
                    .update(`${request.headers['sec-websocket-key']}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`)
                    .digest('base64');
                socket.write(
                    `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\nSec-WebSocket-Extensions: permessage-deflate\r\n\r\n`,
                );
                socket.write(Buffer.from([0xc1, 0x03, 0x32, 0x00, 0x00])); // and uses it
            },
        },
        /broke the WebSocket protocol: Invalid use of reserved bits$/,
    ],
    'an unanswered HTTP request': [{ instead: () => {} }, /no answer to the WebSocket and Socket\.IO handshakes in time/],
    'HTTP 400 as Engine.IO gives it': [
        http(
            'HTTP/1.1 400 Bad Request\r\nContent-Type: application/json\r\nContent-Length: 51\r\n\r\n{"code":5,"message":"Unsupported protocol version"}',
        ),
        /HTTP 400/,
    ],
    'HTTP 404': [http('HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n'), /HTTP 404/],
    'HTTP 302': [http('HTTP/1.1 302 Found\r\nLocation: https://example.com/\r\nContent-Length: 0\r\n\r\n'), /HTTP 302/],
    'HTTP 200 with a sign-in page': [
        http('HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 13\r\n\r\n<html></html>'),
        /HTTP 200/,
    ],
    'HTTP 101 with a wrong key': [
        http('HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: d3Jvbmc=\r\n\r\n'),
        /the WebSocket handshake failed: one of the headers Upgrade, Connection and Sec-WebSocket-Accept of the server's answer is wrong or missing; check whether/,
    ],
    'another protocol': [
        http('SSH-2.0-OpenSSH_9.2\r\n'),
        /the WebSocket handshake failed: the server's answer is not HTTP, but begins with "SSH-2\.0-OpenSSH_9\.2"; check whether hub\.url is the address of Hub$/,
    ],
    'bytes that are no text': [
        http(Buffer.from([0x15, 0x03, 0x01, 0x00, 0x02, 0x02, 0x46])),
        /the WebSocket handshake failed: the server's answer is TLS; check whether hub\.url is the address of Hub$/,
    ],
    'an endless HTTP header': [
        { instead: (socket) => socket.write(`HTTP/1.1 101 Switching Protocols\r\nX: ${'x'.repeat(4 << 20)}`) },
        /the WebSocket handshake failed: the server's answer is longer than 16 KB and its head has no end; check whether hub\.url is the address of Hub$/,
    ],
    'a refusal whose body never ends': [
        {
            instead: (socket) =>
                socket.write(`HTTP/1.1 500 Internal Server Error\r\nContent-Type: text/plain\r\n\r\n${'x'.repeat(4 << 20)}`),
        },
        /with HTTP 500 \("x{300}…"\); Hub, or a server in front of it, is down or overloaded$/,
    ],
    'a refusal whose body never comes': [
        { instead: (socket) => socket.write('HTTP/1.1 404 Not Found\r\nContent-Length: 100\r\n\r\n<h1>Not') },
        /with HTTP 404 \("Not"\); check whether hub\.url is the address of Hub, and whether a proxy on the way removes the header Upgrade$/,
    ],
    'a refusal that would control a terminal': [
        http('HTTP/1.1 403 Forbidden\r\nContent-Type: text/plain\r\n\r\n\u001b[2J\u001b]0;owned\u0007\u202egone\nsecond line'),
        /with HTTP 403 \("\[2J \]0;owned  gone"\); check whether a proxy, a firewall or an access rule/,
    ],
    'a connection that is closed at once': [
        { instead: (socket) => socket.destroy() },
        /the WebSocket handshake failed: .*(ended the connection|reset)/,
    ],
    'a refusal': [
        (peer) => peer.send(handshake(), '44/plugin,{"message":"not authorized","data":{"code":"E_AUTH"}}'),
        /Hub refused the plugin: not authorized/,
        'refused',
    ],
    'an unknown namespace': [
        (peer) => peer.send(handshake(), '44/plugin,{"message":"Invalid namespace"}'),
        /^Hub refused the plugin: Invalid namespace$/,
        'refused',
    ],
    'a refusal without a reason': [(peer) => peer.send(handshake(), '44/plugin,'), /Hub refused the plugin: no reason given/, 'refused'],
    'a refusal that is a text': [(peer) => peer.send(handshake(), '44/plugin,"go away"'), /Hub refused the plugin: go away/, 'refused'],
};

let system;
const servers = {};
before(async () => {
    const plugins = { neighbour: {} };
    for (const [name, [abuse]] of Object.entries(abuses)) servers[name] = await RawServer.start(abuse, abuse.instead);
    Object.keys(abuses).forEach((name, i) => {
        plugins[`p${i}`] = { hub: { url: servers[name].url } };
    });
    const allow = Object.values(abuses).map(
        ([, reason]) =>
            new RegExp(`(${reason.source.replaceAll('$', '(?=; trying again)')}).*; trying again, next in \\d+ ms$`, reason.flags),
    );
    system = await System.start({ plugins, allow }, false);
    await system.hub.waitForLight(system.id('neighbour'), 'green');
});
after(async () => {
    const { live: connected, connectionsTotal } = system.hub.plugin(system.id('neighbour'));
    await system.close();
    for (const server of Object.values(servers)) await server.close();
    assert.deepEqual([connected, connectionsTotal], [1, 1], 'the neighbour stayed live');
});

describe('angod survives, says why, and comes back when the server behaves again, after', { concurrency: true }, () => {
    Object.entries(abuses).forEach(([name, [, reason, state = 'backoff', limitMs = 60000]], i) =>
        it(name, async () => {
            const plugin = () => system.angod.plugin(`p${i}`);
            // The state is checked during a wait before the next try. A wait may be very short, so the test looks at several.
            let last;
            await until(
                async () => (last = await plugin()).state === state && last.reason !== '',
                `the state ${state} of ${name}`,
                limitMs,
            );
            assert.match(last.reason, reason);
            let peer;
            servers[name].become(async (newcomer) => {
                await newcomer.accept();
                peer = newcomer;
            });
            await until(async () => peer && (await plugin()).state === 'live', `the reconnect after ${name}`, 60000);
            assert.equal((await plugin()).reason, '');
            peer.send('42/plugin,["plugin",{"session":"afterwards"}]');
            assert.equal(
                await peer.frame((frame) => frame.startsWith('42/plugin,["response"')),
                '42/plugin,["response",{"response":"attempt 1","session":"afterwards"}]',
            );
        }),
    );
});

it('none of these costs much memory, an attachment that is named very often least of all', () => {
    const { pid } = system.angod;
    const peak = peakBytesOf(pid);
    assert.ok(peak < (isSanitized(pid) ? 1e9 : 200e6), `angod used up to ${peak} bytes`);
});

it('the neighbour of all these is live and works', async () => {
    assert.equal((await system.settled(system.run('neighbour'))).state, 'answered');
});
