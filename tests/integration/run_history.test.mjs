// The lines in the log for each run, and the attempts that the store keeps: they tell what failed last night.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { until } from './lib/angod.mjs';
import { hostDied, linkLost } from './lib/lines.mjs';
import { System } from './lib/system.mjs';

const BEGINS = /^the run begins in host \d+, \d charged attempts? before it$/;
const ENDS = /^the run's attempt ended as (\S+(?: \S+)?) after [\d.]+ s(?:: (.*))?$/;

let system;
before(async () => {
    system = await System.start({
        plugins: {
            reads: {},
            exports: { type: 'Export', max_attempts: 3 },
            many: { module: 'witness-concurrent', concurrency: 16 },
        },
    });
});
after(() => system.close());

/** The lines of the log about the attempts of a job. */
const lines = (job) => system.angod.log.filter((line) => line.job === job && (BEGINS.test(line.msg) || ENDS.test(line.msg)));
const details = async (session) => system.angod.get(`/v1/jobs/${(await system.job(session)).id}`);
const ended = (attempts) => attempts.map(({ ended }) => ended);

describe('the log', () => {
    it('has a line for the start and the end of a run, with job, module and generation', async () => {
        const session = system.run('reads');
        await system.settled(session);
        const { id } = await system.job(session);
        const [begins, ends] = await until(() => lines(id).length === 2 && lines(id), 'both lines');
        assert.match(begins.msg, BEGINS);
        assert.equal(ENDS.exec(ends.msg)[1], 'succeeded');
        for (const line of [begins, ends])
            assert.deepEqual([line.level, line.plugin, line.module, line.generation], ['info', 'reads', 'witness', '1']);
    });

    it('sums up runs that only read when there are many in a second', async () => {
        const sessions = Array.from({ length: 200 }, () => system.run('many'));
        for (const session of sessions) await system.settled(session);
        const SUM =
            /^in the last second (\d+) further runs? that only read began; (\d+) ended well and 0 otherwise, the longest after [\d.]+ s$/;
        const total = () => {
            const sums = system.angod.log.map(({ plugin, msg }) => plugin === 'many' && SUM.exec(msg)).filter(Boolean);
            const own = system.angod.log.filter(({ plugin, msg }) => plugin === 'many' && BEGINS.test(msg)).length;
            return {
                own,
                began: sums.reduce((sum, [, n]) => sum + Number(n), own),
                well: sums.reduce((sum, [, , n]) => sum + Number(n), own),
            };
        };
        await until(() => total().began === 200 && total().well === 200, 'all runs to be told');
        assert.ok(total().own < 200, `${total().own} of 200 have lines of their own`);
    });
});

describe('the store', () => {
    it('keeps no attempt of a run that only reads and ends well', async () => {
        const session = system.run('reads');
        await system.settled(session);
        assert.deepEqual((await details(session)).attempts, []);
    });

    it('keeps each attempt of a run whose host died, with its reason, module, host and log', async () => {
        system.angod.expect(hostDied('was ended by signal 6 (Aborted)'));
        const session = system.run('exports', { lines: 2, end: 'crash-once' });
        await system.settled(session);
        const { attempts, retries } = await details(session);
        assert.deepEqual(ended(attempts), ['crashed', 'succeeded']);
        assert.equal(retries, 1);
        const [first, second] = attempts;
        assert.match(first.reason, /was ended by signal 6 \(Aborted\)/);
        assert.deepEqual(
            attempts.map(({ host_pid }) => host_pid),
            system.runs(session).map(({ pid }) => pid),
        );
        for (const { generation, version, duration_ms, started } of attempts) {
            assert.equal(generation, 1);
            assert.match(version, /^\d+\./);
            assert.ok(duration_ms > 0 && Date.parse(started) <= Date.now());
        }
        assert.deepEqual([first.log.slice(-2), second.reason], [['info: line 0', 'info: line 1'], '']);
        const { stdout } = await system.angod.ctl('job', (await system.job(session)).id);
        assert.match(stdout, /STARTED .*ENDED .*GENERATION .*VERSION .*HOST .*REASON/);
        assert.match(stdout, new RegExp(`crashed +1 +${first.version} +${first.host_pid} +.*was ended by signal 6`));
    });

    it('tells of a run that angod left behind when it was killed', async () => {
        system.angod.allow(linkLost);
        const gate = system.gate();
        const session = system.run('exports', { gate });
        await system.running(session);
        const { id } = await system.job(session);
        await until(async () => ended((await system.angod.get(`/v1/jobs/${id}`)).attempts).includes('running'), 'the attempt to be noted');
        await system.angod.kill();
        await system.angod.start();
        system.open(gate);
        await system.settled(session);
        const { attempts } = await details(session);
        assert.deepEqual(ended(attempts), ['interrupted', 'succeeded']);
        assert.equal(attempts[0].reason, 'angod ended while a host worked on the run');
        assert.equal(attempts[0].host_pid, system.runs(session)[0].pid);
    });
});
