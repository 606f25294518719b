// Lines of angod's log at level warning and error that many suites provoke: see README.md.

/** A link was cut or closed by the other side, and the plugin connects again. */
export const linkLost = /(the server (ended|closed) the connection|the connection was cut|Connection reset by peer|Connection refused|Hub ended the plugin's session).*; trying again, next in \d+ ms$/;
/** Hub refused the plugin, with this reason. */
export const refused = (reason) => new RegExp(`^Hub refused the plugin: ${escape(reason)}; trying again, next in \\d+ ms$`);

const host = (end) => new RegExp(`^the host of module [\\w-]+ ${escape(end)} \\(process \\d+\\) with \\d+ jobs? running`);
const attempt = (end) => new RegExp(`^attempt \\d+ of \\d+ failed: The plugin crashed while it was working on this run\\. the host ${escape(end)}`);
/** A host died with jobs running; a job whose host died and which has attempts left. */
export const hostKilled = host('was ended by signal 9 (Killed)'), attemptKilled = attempt('was ended by signal 9 (Killed)');
export const hostAborted = host('was ended by signal 6 (Aborted)'), attemptAborted = attempt('was ended by signal 6 (Aborted)');
export const hostExited = (code) => host(`exited with code ${code}`);

/** A job that took too long. */
export const timedOut = /^job [0-9a-f-]{36} reached its time-out and is asked to stop$/;
export const doesNotStop = /^job [0-9a-f-]{36} does not stop; its host is ended$/;
/** A job that failed, by the beginning of what its user was told. */
export const failed = (sentence) => new RegExp(`^the run failed: ${escape(sentence)}`);

/** A plugin cannot be connected because of its module, for this reason. */
export const notConnected = (reason) => new RegExp(`^not connected: ${escape(reason)}$`);

export function escape(text) { return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'); }
