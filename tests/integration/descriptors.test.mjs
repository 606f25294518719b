// angod with fewer file descriptors than it needs: it says so, an operator can still ask it, and it does not burn the processor.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { until } from './lib/angod.mjs';
import { System } from './lib/system.mjs';

const LIMIT = 64;
const limited = ['bash', '-c', `ulimit -n ${LIMIT}; exec "$@"`, '-'];
const plugins = Object.fromEntries(Array.from({ length: 80 }, (_, i) => [`p${i}`, { module: 'witness' }]));
const usedUp =
    /^all 64 file descriptors that the system allows angod are in use: plugins cannot connect and hosts cannot start\. Raise the limit \(LimitNOFILE= in the systemd unit, or ulimit -n\) and restart angod$/;

test('the limit is named once with its remedy, angoctl still works, and what has a connection goes on', () =>
    System.use(
        { plugins, launcher: limited, allow: [/Too many open files/, usedUp] },
        async ({ angod, hub, plugins: known }) => {
            await until(() => angod.log.some(({ msg }) => usedUp.test(msg)), 'the line about the limit');
            const live = () => Object.values(known).filter(({ id }) => hub.plugin(id).live > 0).length;
            await until(() => live() > 10, 'some plugins to be live');
            for (let i = 0; i < 5; ++i) {
                const { code, stdout, stderr } = await angod.ctl('status');
                assert.deepEqual([code, stderr], [0, '']);
                assert.match(stdout, /^descriptors +6\d used, 64 limit$/m);
                assert.match(stdout, /^resident +\d+\.\d MB$/m);
            }
            const all = await Promise.all(Array.from({ length: 4 }, () => angod.ctl('plugins')));
            assert.deepEqual(
                all.map(({ code }) => code),
                [0, 0, 0, 0],
            );
            assert.ok(live() < 64);
            assert.equal(angod.log.filter(({ msg }) => usedUp.test(msg)).length, 1);
        },
        false,
    ));
