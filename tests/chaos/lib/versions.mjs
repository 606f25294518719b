// Builds of the module "swap", good and bad ones.
import path from 'node:path';
import { compile } from '../../integration/lib/broken.mjs';

const GOOD = ['good-1', 'good-2', 'good-3', 'good-4'];
const CRASHING = ['crashing-1', 'crashing-2'];
const UNABLE = ['unable-1'];

export class Versions {
    constructor(dir) {
        this.dir = dir;
    }

    async build() {
        const defines = { ...of(GOOD), ...of(CRASHING, '-DCRASHES'), ...of(UNABLE, '-DCREATE_FAILS') };
        for (const [version, more] of Object.entries(defines))
            await compile(this.file(version), ['-DID="swap"', `-DVERSION="${version}"`, ...more], 'versioned_module.c');
        return this;
    }

    file(version) {
        return path.join(this.dir, `${version}.so`);
    }
    get good() {
        return GOOD;
    }
    get crashing() {
        return CRASHING;
    }
    get unable() {
        return UNABLE;
    }
}

const of = (versions, ...defines) => Object.fromEntries(versions.map((version) => [version, defines]));
