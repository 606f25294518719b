// The comparison as test cases, for the stand-in and for the vendor's package alike.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import { JOBS } from '../jobs.mjs';
import { acceptedIn, differences, problemsOf } from './compare.mjs';
import { angod, record } from './record.mjs';

export const JOB_NAMES = Object.keys(JOBS);

/** Asserts that a client and angod did a job alike, but for the differences that accepted.txt has for this job. */
export function assertAlike(name, client, daemon) {
    const accepted = acceptedIn(fs.readFileSync(new URL('../accepted.txt', import.meta.url), 'utf8'), JOB_NAMES).get(name);
    const problems = problemsOf(differences(client, daemon, JOBS[name].hasOpening), accepted);
    assert.equal(problems.length, 0, `the job "${name}":\n${problems.join('\n')}`);
}

export const byAngod = (name) => record(JOBS[name], angod);
