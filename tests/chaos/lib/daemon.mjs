// The angod under chaos. The admin API is called without a process per request, and a failed start is repeated.
import http from 'node:http';
import { Angod } from '../../integration/lib/angod.mjs';

const PATIENCE_MS = 20000;

export class Daemon extends Angod {
    /** GET on the admin socket. */
    get(target) {
        return this.ask('GET', target);
    }
    /** POST on the admin socket. */
    post(target) {
        return this.ask('POST', target);
    }

    /** @returns {Promise<object>} the answer. Fails if angod refuses, with its reason, or if there is no answer. */
    ask(method, target) {
        return new Promise((resolve, reject) => {
            const request = http.request(
                { socketPath: this.socket, method, path: target, agent: false, timeout: PATIENCE_MS },
                async (response) => {
                    try {
                        const body = JSON.parse(Buffer.concat(await response.toArray()).toString());
                        if (response.statusCode < 400) resolve(body);
                        else reject(new Error(body.error.message));
                    } catch (failed) {
                        reject(failed);
                    }
                },
            );
            request.on('timeout', () => request.destroy(new Error(`no answer to ${method} ${target}`)));
            request.on('error', reject);
            request.end();
        });
    }
}
