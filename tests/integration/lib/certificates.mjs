// Authorities and certificates, made by openssl in a folder of the test.
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';

const newKey = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes'];
const stamp = (date) => `${date.toISOString().replace(/[-:T]/g, '').slice(0, 14)}Z`;

export class Certificates {
    constructor() {
        this.dir = fs.mkdtempSync(path.join(os.tmpdir(), 'angod-tls-'));
    }

    file(name) {
        return path.join(this.dir, name);
    }
    /** @returns {{key: Buffer, cert: Buffer}} options for Node's servers */
    pair(name) {
        return { key: fs.readFileSync(this.file(`${name}.key`)), cert: fs.readFileSync(this.file(`${name}.pem`)) };
    }

    #openssl(...words) {
        execFileSync('openssl', words, { cwd: this.dir, stdio: ['ignore', 'pipe', 'pipe'] });
    }

    /** @returns {string} the file for ca_file */
    authority(name) {
        this.#openssl('req', '-x509', ...newKey, '-keyout', `${name}.key`, '-out', `${name}.pem`, '-days', '30', '-subj', `/CN=${name}`);
        return this.file(`${name}.pem`);
    }

    /** A self-signed certificate. */
    selfSigned(name, names) {
        this.#openssl(
            'req',
            '-x509',
            ...newKey,
            '-keyout',
            `${name}.key`,
            '-out',
            `${name}.pem`,
            '-days',
            '30',
            '-subj',
            `/CN=${name}`,
            '-addext',
            `subjectAltName=${names}`,
        );
        return this.pair(name);
    }

    /**
     * A certificate from an authority, for these names ("DNS:localhost,IP:::1").
     * @param {{from?: Date, to?: Date}} [valid] from now for 20 days
     */
    issue(name, ca, names, { from = new Date(Date.now() - 3600e3), to = new Date(Date.now() + 20 * 86400e3) } = {}) {
        this.#openssl('req', '-new', ...newKey, '-keyout', `${name}.key`, '-out', `${name}.csr`, '-subj', `/CN=${name}`);
        fs.writeFileSync(
            this.file(`${name}.cnf`),
            `[ca]\ndefault_ca=d\n[d]\ndatabase=${name}.db\nserial=${name}.serial\nnew_certs_dir=.\ndefault_md=sha256\npolicy=p\nx509_extensions=v\nunique_subject=no\n[p]\ncommonName=supplied\n[v]\nsubjectAltName=${names}\n`,
        );
        fs.writeFileSync(this.file(`${name}.db`), '');
        this.#openssl(
            'ca',
            '-batch',
            '-config',
            `${name}.cnf`,
            '-create_serial',
            '-cert',
            `${ca}.pem`,
            '-keyfile',
            `${ca}.key`,
            '-in',
            `${name}.csr`,
            '-out',
            `${name}.pem`,
            '-startdate',
            stamp(from),
            '-enddate',
            stamp(to),
        );
        return this.pair(name);
    }

    remove() {
        fs.rmSync(this.dir, { recursive: true, force: true });
    }
}
