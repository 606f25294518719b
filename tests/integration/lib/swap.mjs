// Versions of the module "swap" that replace each other in the module folder. Their answers name the version.
import fs from 'node:fs';
import path from 'node:path';
import { until } from './angod.mjs';
import { compile } from './broken.mjs';

/** Functions for tests with the plugin "swap" of a system. */
export function swapping(system) {
    const { angod } = system;
    const versions = path.join(system.dir, 'versions');
    fs.mkdirSync(versions, { recursive: true });

    /** The file of a version. It is built once. */
    const build = async (version, ...defines) => {
        const file = path.join(versions, `${version}.so`);
        if (!fs.existsSync(file)) await compile(file, ['-DID="swap"', `-DVERSION="${version}"`, ...defines], 'versioned_module.c');
        return file;
    };
    const target = () => path.join(angod.moduleDir, 'swap.so');
    /** Puts a copy of the file in the place of another by rename. */
    const put = (file, to = target()) => {
        const part = `${to}.part`;
        fs.copyFileSync(file, part);
        fs.chmodSync(part, 0o755);
        fs.renameSync(part, to);
    };
    const serving = async () => (await angod.get('/v1/modules')).modules.find(({ id }) => id === 'swap');
    const serves = (version, timeoutMs) =>
        until(
            async () => (await serving())?.version === version && (await angod.plugin('swap')).module_version === version,
            `version ${version} to serve`,
            timeoutMs,
        );
    const answerOf = async (session) => (await system.settled(session)).answers[0].message.response;
    /** The answer to a new run. */
    const answered = () => answerOf(system.run('swap'));
    /** The process ids of the hosts that have a run. */
    const busy = async () => (await angod.plugin('swap')).hosts.filter(({ jobs }) => jobs > 0).map(({ pid }) => pid);
    /** Starts a run that waits in a host for its gate: {session, gate, host}. */
    const gated = async () => {
        const before = await busy();
        const gate = system.gate();
        const session = system.run('swap', { gate });
        const host = await until(async () => (await busy()).find((pid) => !before.includes(pid)), 'the run to start');
        return { session, gate, host };
    };
    return { build, target, put, serving, serves, answerOf, answered, busy, gated };
}
