// What tests need of the machine. A tool that is missing fails the file, as does a right that the machine withholds,
// unless ANGOD_TESTS_MAY_SKIP=1 allows to go without: see README.md.
import { spawnSync } from 'node:child_process';

const isThere = (program) => spawnSync(program, ['--version'], { stdio: 'ignore' }).error === undefined;

/** Fails if one of these programs is not installed. */
export function needTools(...programs) {
    const missing = programs.filter((program) => !isThere(program));
    if (missing.length > 0) throw new Error(`these programs are missing: ${missing.join(', ')}; packaging/setup installs what tests need`);
}

/** For `skip`, of what the machine does not allow: the sentence, which is also printed. Fails where nothing may be skipped. */
export function forbidden(sentence) {
    if (process.env.ANGOD_TESTS_MAY_SKIP !== '1') throw new Error(`${sentence} (ANGOD_TESTS_MAY_SKIP=1 leaves out the tests that need it)`);
    return skipped(sentence);
}

/** For `skip`, of what cannot be tested with this build, wherever it runs. */
export function skipped(sentence) {
    process.stderr.write(`SKIPPED: ${sentence}\n`);
    return sentence;
}

/** Runs this test program once more with this command in front of its own, and ends as that does. */
export function runAgainIn(command) {
    const again = [...command, 'setpriv', '--pdeathsig', 'KILL', process.execPath, ...process.execArgv, ...process.argv.slice(1)];
    const { status, signal } = spawnSync(again[0], again.slice(1), { stdio: 'inherit' });
    if (signal) process.kill(process.pid, signal);
    process.exit(status ?? 1);
}
