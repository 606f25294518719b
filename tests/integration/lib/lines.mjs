// Lines of angod's log at level warning and error that many suites cause (see README.md).

/** A link was cut, or the other side closed it, and the plugin reconnects. */
export const linkLost =
    /(the server (ended|closed) the connection|the connection was cut|Connection reset by peer|Connection refused|Hub ended the plugin's session).*; trying again, next in \d+ ms$/;
/** Hub refused the plugin, with this reason. */
export const refused = (reason) => new RegExp(`^Hub refused the plugin: ${escape(reason)}; trying again, next in \\d+ ms$`);

/** A host died while it ran jobs. */
export const hostDied = (end) =>
    new RegExp(
        `^the host of module [\\w-]+ \\S+, generation \\d+, for the plugin \\S+ ${escape(end)} \\(process \\d+\\) with jobs? [0-9a-f-, ]+ running`,
    );
export const hostKilled = hostDied('was ended by signal 9 (Killed)');
export const hostAborted = hostDied('was ended by signal 6 (Aborted)');
export const hostExited = (code) => hostDied(`exited with code ${code}`);

/** The words that the report of an abort adds to the end of a host, as a part of a pattern. A sanitizer writes its own report. */
export const abortReport = String.raw`(; it printed: crash: signal 6 \(Aborted\), in libc\.so\.6\+0x[0-9a-f]+[^|]*)?`;

/** A job exceeded its time limit. */
export const timedOut = /^job [0-9a-f-]{36} reached its time-out and is asked to stop$/;
export const doesNotStop = /^job [0-9a-f-]{36} does not stop; its host is ended$/;
/** A job failed. The argument is the beginning of the sentence for the user. */
export const failed = (sentence) => new RegExp(`^the run failed: ${escape(sentence)}`);

/** A plugin cannot be connected because of its module, for this reason. */
export const notConnected = (reason) => new RegExp(`^not connected: ${escape(reason)}$`);

export function escape(text) {
    return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}
