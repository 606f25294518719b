// Judges every run: it was answered once, it was refused with a reason that a fault explains, or it is a problem.

/**
 * An answer that Hub has may be sent again if its connection ends so soon afterwards that its delivery was not recorded yet.
 * If the network vanishes, Hub notices it when its own pings stay unanswered (see PINGS in world.mjs), plus some reserve.
 */
const IN_FLIGHT_MS = 6000;

/** The errors with which a run of any kind may end, and the event that must have caused each. */
const REASONS = [
    {
        name: 'cancelled',
        pattern: /^(The run was cancelled on the plugin's server\.|cancelled by the operator)/,
        may: (world, run) => world.cancelled.has(run.session),
    },
    { name: 'not recorded', pattern: /^The plugin cannot take this run: .*full/, may: wasFull },
    { name: 'disk full', pattern: /the disk of the machine that runs the plugins is full/, may: wasFull },
    { name: 'web page', pattern: /is a web page instead of JSON/, may: (world) => world.spoiled.has('html') },
    {
        name: 'not available',
        pattern: /^The plugin is not available on its server at the moment\./,
        may: (world, run, record) => world.wasAway(run.load, run.at, record.endedAt),
    },
];

export class Verdict {
    problems = [];
    /** Counts of runs by their end, and of answers that came a second time. */
    counts = { runs: 0, answered: 0, again: 0, 'lost before angod had them': 0 };
    /** The longest time between an answer that came again and the end of its connection. */
    longestInFlightMs = 0;
    #world;
    #reasons;

    /** @param {object} world @param {Map<string, string>} reasons by session, angod's reason for a run that failed */
    constructor(world, reasons) {
        this.#world = world;
        this.#reasons = reasons;
    }

    /** @param {object[]} runs of a Traffic */
    judge(runs) {
        for (const run of runs) {
            const record = this.#world.hub.session(run.session);
            this.counts.runs += 1;
            if (record.answers.length === 0) this.#unanswered(run, record);
            else this.#answered(run, record);
        }
        return this;
    }

    #problem(run, record, text) {
        const { load, session, at, socketId } = run;
        const shown = record.answers.map(
            ({ at: when, via, socketId: of, message }) => `${time(when)} ${via} ${of} ${JSON.stringify(message).slice(0, 200)}`,
        );
        this.problems.push(
            [
                `${load.name}, session ${session} of ${time(at)} on ${socketId}, ${record.acked ? 'recorded' : 'not recorded'}: ${text}`,
                ...shown,
                ...record.logs.slice(-5).map((line) => `${time(line.at)} ${line.level} ${line.msg.slice(0, 300)}`),
            ].join('\n    '),
        );
    }

    #unanswered(run, record) {
        const end = this.#world.connectionEnd(run.socketId);
        if (record.acked) this.#problem(run, record, 'it was recorded and has no answer');
        else if (end === null)
            this.#problem(run, record, 'it was sent on a connection that is still there, and has neither been recorded nor answered');
        else this.counts['lost before angod had them'] += 1;
    }

    #answered(run, record) {
        const [first] = record.answers;
        run.answered = !first.message.error;
        if (run.answered) this.counts.answered += 1;
        else this.#count(`refused: ${this.#reasonOf(run, record)}`);
        for (const answer of record.answers) this.#isRight(run, record, answer);
        record.answers.slice(1).forEach((answer, i) => this.#again(run, record, record.answers[i], answer));
    }

    #count(what) {
        this.counts[what] = (this.counts[what] ?? 0) + 1;
    }

    #isRight(run, record, answer) {
        if (answer.message.error) return;
        try {
            run.load.check(run, answer, this.#world);
        } catch (wrong) {
            this.#problem(run, record, wrong.message);
        }
    }

    #reasonOf(run, record) {
        const said = record.logs.findLast(({ level }) => level === 'ERROR')?.msg ?? this.#reasons.get(run.session);
        const known = [
            ...REASONS,
            ...(run.load.failures ?? []).map((pattern) => ({ name: pattern.source.slice(1, 50), pattern, may: () => true })),
        ];
        const reason = known.find(({ pattern }) => pattern.test(said ?? ''));
        if (reason?.may(this.#world, run, record)) return reason.name;
        this.#problem(run, record, `it was refused, and no fault explains why: ${said}`);
        return 'not explained';
    }

    /** The answer before was on its way when its connection ended. */
    #again(run, record, before, after) {
        if (before.via === 'annotate') {
            // A run that was killed after its step and cannot be continued ends with an error. It is counted and accepted.
            if (after.message.error) return this.#count(`passed on, and then refused: ${this.#reasonOf(run, record)}`);
            return this.#problem(run, record, 'its task was passed on, and then it was answered again');
        }
        this.counts.again += 1;
        if (before.socketId === after.socketId) return this.#problem(run, record, 'it was answered twice on one connection');
        if (run.load.hasEffects && JSON.stringify(before.message) !== JSON.stringify(after.message))
            this.#problem(run, record, 'the answer that came again is another one');
        const end = this.#world.connectionEnd(before.socketId);
        if (end === null)
            return this.#problem(
                run,
                record,
                'it was answered again, although the connection that carried the first answer is still there',
            );
        const took = end - before.at;
        if (took > this.longestInFlightMs && took <= IN_FLIGHT_MS) this.longestInFlightMs = took;
        if (took > IN_FLIGHT_MS && !this.#world.wasFull(before.at, end))
            this.#problem(run, record, `it was answered again, although the connection of the first answer ended ${took} ms after it only`);
    }
}

function wasFull(world, run, record) {
    return world.wasFull(run.at, record.endedAt ?? Date.now());
}

const time = (ms) => new Date(ms).toISOString().slice(11, 23);
