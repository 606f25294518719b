// angod, and the stand-in too, do each job as the vendor's real client does it. The package is not a part of this repository:
// VENDOR_PACKAGE names the folder that holds it.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { describe, it } from 'node:test';
import { JOBS } from './jobs.mjs';
import { differences } from './lib/compare.mjs';
import { record, script, standIn } from './lib/record.mjs';
import { JOB_NAMES, assertAlike, byAngod } from './lib/suite.mjs';

const folder = process.env.VENDOR_PACKAGE;
const skip = folder ? false : 'VENDOR_PACKAGE is not set';
/** Old versions have another name. */
const NAMES = ['imerit_ango', 'ango'];

function packageName() {
    const name = NAMES.find((one) => fs.existsSync(path.join(folder, one, 'plugins.py')));
    assert.ok(name, `VENDOR_PACKAGE is "${folder}", but that folder holds neither ${NAMES.join('/plugins.py nor ')}/plugins.py.`);
    return name;
}

/** Each job is recorded once for both comparisons. */
const recorded = new Map();
function byPackage(name) {
    if (!recorded.has(name)) recorded.set(name, record(JOBS[name], script(packageName(), path.resolve(folder))));
    return recorded.get(name);
}

for (const name of JOB_NAMES)
    describe(name, () => {
        it("angod makes the calls of the vendor's client, but for accepted differences", { skip }, async () =>
            assertAlike(name, await byPackage(name), await byAngod(name)),
        );
        it("the stand-in makes the calls of the vendor's client", { skip }, async () => {
            const found = differences(await byPackage(name), await record(JOBS[name], standIn), true);
            assert.deepEqual(found, [], 'in these lines "angod" is the stand-in');
        });
    });
