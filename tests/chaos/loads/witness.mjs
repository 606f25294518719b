// Input: long runs, many in one host, which log, start processes and keep a diary.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import { fixture } from '../../integration/lib/angod.mjs';
import { commandLineOf } from '../../integration/lib/processes.mjs';

const diary = (world) => world.file('diary');

export default {
    type: 'Input',
    entry: { module: 'witness-concurrent', kind: 'input', concurrency: 6 },
    modules: () => [fixture('witness_concurrent')],
    open: 8,
    everyMs: 150,
    begin(world, random) {
        const gate = world.file(`gate-${random.integer(0, 2 ** 32)}`);
        const size = random.chance(0.1) ? random.integer(1000, 300_000) : 0;
        setTimeout(() => fs.writeFileSync(gate, ''), random.between(0, 1500)).unref();
        const extra = { diary: diary(world), gate, size, lines: random.integer(0, 5), children: random.chance(0.05) ? 1 : 0 };
        return { gate, size, request: { extra } };
    },
    check({ size }, { message }) {
        const [, attempt, rest] = /^attempt (\d+)(x*)$/.exec(message.response) ?? [];
        assert.ok(attempt >= 1 && rest.length === size, message.response.slice(0, 100));
    },
    /** The processes that its runs started have ended with them. */
    end(world, runs) {
        for (const { gate } of runs) fs.rmSync(gate, { force: true });
        const lines = fs.readFileSync(diary(world), 'utf8').split('\n');
        const children = lines.filter((line) => line.startsWith('child=')).map((line) => parseInt(line.slice(6), 10));
        assert.deepEqual(
            children.filter((pid) => commandLineOf(pid) === 'sleep\x00600\x00'),
            [],
            'processes that modules have started',
        );
        const started = new Set(lines.filter((line) => line.startsWith('start ')).map((line) => line.split(' ')[1]));
        for (const { session } of runs.filter(({ answered }) => answered))
            assert.ok(started.has(session), `${session} was answered although it never ran`);
    },
};
