// angod does each job as the vendor's client does it, of which our own stand-in makes the calls. This runs on every machine.
import { test } from 'node:test';
import { JOBS } from './jobs.mjs';
import { record, standIn } from './lib/record.mjs';
import { JOB_NAMES, assertAlike, byAngod } from './lib/suite.mjs';

for (const name of JOB_NAMES)
    test(`${name}: angod makes the calls of the stand-in, but for accepted differences`, async () =>
        assertAlike(name, await record(JOBS[name], standIn), await byAngod(name)));
