// Bodies that arrive slowly or are cut off.
import { Transform } from 'node:stream';

const TICK_MS = 20;

/**
 * A stream that lets that many bytes per second through.
 * @param {number} bytesPerSecond
 */
export function throttle(bytesPerSecond) {
    const step = Math.max(1, Math.floor((bytesPerSecond * TICK_MS) / 1000));
    // For less than one byte per tick, the tick becomes longer.
    const tick = Math.max(TICK_MS, (step / bytesPerSecond) * 1000);
    return new Transform({
        transform(chunk, _encoding, done) {
            let at = 0;
            const next = () => {
                if (this.destroyed) return;
                if (at >= chunk.length) {
                    done();
                    return;
                }
                this.push(chunk.subarray(at, at + step));
                at += step;
                setTimeout(next, tick);
            };
            next();
        },
    });
}

/**
 * The body of a request, read as a fault says: slowly, or only the first bytes before the connection breaks.
 * @param {import('express').Request} request
 * @param {import('express').Response} response carries what the fault asked for in `locals`
 */
export function bodyThrough(request, response) {
    const { bodyBytesPerSecond, bodyLimit } = response.locals;
    if (bodyBytesPerSecond) return request.pipe(destroyedWith(request, throttle(bodyBytesPerSecond)));
    if (bodyLimit === undefined) return request;
    let bytes = 0;
    return request.pipe(
        destroyedWith(
            request,
            new Transform({
                transform(chunk, _encoding, done) {
                    bytes += chunk.length;
                    if (bytes >= bodyLimit) request.socket.destroy();
                    done(null, chunk);
                },
            }),
        ),
    );
}

/** pipe() does not report that the source was cut off. Without this a cut upload would wait for ever. */
function destroyedWith(source, stream) {
    source.once('close', () => {
        if (!source.complete) stream.destroy(new Error('the request broke off'));
    });
    return stream;
}

/**
 * Makes a response write slowly.
 * @param {import('express').Response} response
 * @param {number} bytesPerSecond
 */
export function slowDown(response, bytesPerSecond) {
    const write = response.write.bind(response);
    const end = response.end.bind(response);
    const slow = throttle(bytesPerSecond);
    slow.on('data', (chunk) => write(chunk));
    slow.on('end', () => end());
    slow.on('error', () => response.destroy());
    slow.on('drain', () => response.emit('drain'));
    response.once('close', () => slow.destroy());
    response.write = (chunk, encoding) => slow.write(Buffer.from(chunk, encoding));
    response.end = (chunk, encoding) => {
        if (chunk && typeof chunk !== 'function') slow.write(Buffer.from(chunk, encoding));
        slow.end();
        return response;
    };
}

/**
 * Breaks the connection after that many bytes of the response's body.
 * @param {import('express').Response} response
 * @param {number} afterBytes
 */
export function cutOff(response, afterBytes) {
    const write = response.write.bind(response);
    const end = response.end.bind(response);
    let left = afterBytes;
    let isCut = false;
    const cut = (bytes) => {
        isCut = true;
        // The client must see the headers even if no byte of the body is sent.
        response.flushHeaders();
        write(bytes.length > 0 ? bytes : Buffer.alloc(0), () => response.destroy());
        if (bytes.length === 0) setImmediate(() => response.destroy());
    };
    response.write = (chunk, encoding) => {
        if (isCut) return false;
        const bytes = Buffer.from(chunk, encoding);
        if (bytes.length < left) {
            left -= bytes.length;
            return write(bytes);
        }
        cut(bytes.subarray(0, left));
        return false;
    };
    response.end = (chunk, encoding) => {
        if (chunk && typeof chunk !== 'function') response.write(chunk, encoding);
        if (!isCut) end();
        return response;
    };
}
