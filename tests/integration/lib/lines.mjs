// Lines of angod's log at level warning and error that many suites provoke: see README.md.

/** A link was cut, closed or refused by the other side, and the plugin connects again. */
export const linkLost = /(the server (ended|closed) the connection|the connection was cut|Connection reset by peer|Broken pipe|Connection refused|Hub ended the plugin's session).*; trying again, next in \d+ ms$/;
/** A host was killed with jobs running. */
export const hostKilled = /^the host of module [\w-]+ was ended by signal 9 \(Killed\) \(process \d+\) with \d+ jobs? running/;
/** A job whose host was killed, and which has attempts left. */
export const crashedAttempt = /^attempt \d+ of \d+ failed: The plugin crashed while it was working on this run\. the host was ended by signal 9 \(Killed\)/;
/** A job that ended without success: what its user was told. */
export const failed = (sentence) => new RegExp(`^the run failed: ${sentence instanceof RegExp ? sentence.source : escape(sentence)}`);

const escape = (text) => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
