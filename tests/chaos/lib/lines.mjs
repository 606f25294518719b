// Lines of angod's log at level warning and error that the faults cause. Any other line fails the run.
import { doesNotStop } from '../../integration/lib/lines.mjs';

export const lines = [
    // connections
    /; trying again, next in \d+ ms$/,
    // processes that are killed
    /^the host of module [\w-]+ [\w.-]+, generation \d+, for the plugin \w+ was ended by signal (9 \(Killed\)|6 \(Aborted\)) \(process \d+\) (while it was idle|with jobs? )/,
    /^no host could be started: /,
    /^attempt \d+ of 30 failed: /,
    /^the run brought its host down and runs again: /,
    /^hosts of this plugin crashed 3 times within 2 s; /,
    // modules
    /^module refused: /,
    /^module [\w-]+: generation \d+ \(version [\w.-]+\) is quarantined and version [\w.-]+ serves again: /,
    /^module [\w-]+: version [\w.-]+ that served last goes on serving$/,
    /^module [\w-]+ [\w.-]+ no longer serves: its file .* is gone$/,
    /^generation \d+ of module [\w-]+ cannot do the work of this plugin, generation \d+ goes on: /,
    /^not connected: /,
    /^generation \d+ still drains while two newer ones do; its host is ended/,
    /^generation \d+ did not end its runs within 3 s; its host is ended/,
    // runs
    /^the run failed: /,
    /^job [0-9a-f-]{36} is cancelled and is asked to stop$/,
    doesNotStop,
    // a full disk
    /database or disk is full/,
    // changes of the configuration
    /^the configuration was not taken, the present one goes on: /,
];
