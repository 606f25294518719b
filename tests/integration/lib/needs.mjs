// Requirements of tests. A missing tool fails the file. A missing right fails it too, unless ANGOD_TESTS_MAY_SKIP=1 allows
// skipping (see README.md).
import { spawnSync } from 'node:child_process';

const isThere = (program) => spawnSync(program, ['--version'], { stdio: 'ignore' }).error === undefined;

/** Fails if one of these programs is not installed. */
export function needTools(...programs) {
    const missing = programs.filter((program) => !isThere(program));
    if (missing.length > 0) throw new Error(`these programs are missing: ${missing.join(', ')}; packaging/setup installs them`);
}

/** For `skip`, if the machine does not allow a case: returns and prints the sentence. Fails if skipping is not allowed. */
export function forbidden(sentence) {
    if (process.env.ANGOD_TESTS_MAY_SKIP !== '1') throw new Error(`${sentence} (ANGOD_TESTS_MAY_SKIP=1 skips the tests that need it)`);
    return skipped(sentence);
}

/** For `skip`, if a case cannot be tested with this build on any machine. */
export function skipped(sentence) {
    process.stderr.write(`SKIPPED: ${sentence}\n`);
    return sentence;
}

/** Runs this test program again with this command in front of it, and ends with the same status. */
export function runAgainIn(command) {
    const again = [...command, 'setpriv', '--pdeathsig', 'KILL', process.execPath, ...process.execArgv, ...process.argv.slice(1)];
    const { status, signal } = spawnSync(again[0], again.slice(1), { stdio: 'inherit' });
    if (signal) process.kill(process.pid, signal);
    process.exit(status ?? 1);
}
