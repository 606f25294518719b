// Facts about a process, from /proc.
import fs from 'node:fs';

/** The result of read(), or `instead` if the process or descriptor has just vanished. */
function ifThere(read, instead) {
    try {
        return read();
    } catch (failed) {
        if (['ENOENT', 'ESRCH', 'EACCES', 'EPERM'].includes(failed.code)) return instead;
        throw failed;
    }
}
const text = (pid, name) => ifThere(() => fs.readFileSync(`/proc/${pid}/${name}`, 'utf8'), '');
const names = (folder) => ifThere(() => fs.readdirSync(folder), []);
const link = (file) => ifThere(() => fs.readlinkSync(file), null);

/** The state letter and the parent of a process; null if it does not exist. */
function stat(pid) {
    const line = text(pid, 'stat');
    if (!line) return null;
    const [state, parent] = line.slice(line.lastIndexOf(')') + 2).split(' ');
    return { state, parent: Number(parent) };
}

export const processExists = (pid) => ![undefined, 'Z', 'X'].includes(stat(pid)?.state);

/** Whether a signal has stopped the process with all its threads. */
export const isStopped = (pid) => names(`/proc/${pid}/task`).every((task) => stat(`${pid}/task/${task}`)?.state === 'T');

const all = () =>
    names('/proc')
        .filter((name) => /^\d+$/.test(name))
        .map(Number);
/** The children of a process, including children that have ended and were not reaped. */
export const childrenOf = (pid) => all().filter((other) => stat(other)?.parent === pid);
/** Processes that have mapped a file of the folder: those that run a module of a state_dir. */
export const usersOf = (folder) => all().filter((pid) => text(pid, 'maps').includes(`${folder}/`));

const statusOf = (pid, field) => Number(new RegExp(`^${field}:\\s+(\\d+)`, 'm').exec(text(pid, 'status'))?.[1]);
export const threadsOf = (pid) => statusOf(pid, 'Threads');
export const residentBytesOf = (pid) => 1024 * statusOf(pid, 'VmRSS');
/** The most memory that the process has had so far. */
export const peakBytesOf = (pid) => 1024 * statusOf(pid, 'VmHWM');
/** Whether the process has a sanitizer, which keeps freed memory. Its terabytes of shadow memory show it. */
export const isSanitized = (pid) => statusOf(pid, 'VmSize') > 2 ** 30; // KB
export const commandLineOf = (pid) => text(pid, 'cmdline');
export const environmentOf = (pid) => text(pid, 'environ');

/** The inodes of the sockets in a table of /proc/PID/net, with the rest of their lines. */
function sockets(pid, table, inodeField) {
    const rows = text(pid, `net/${table}`)
        .split('\n')
        .slice(1)
        .filter(Boolean)
        .map((row) => row.trim().split(/\s+/));
    return new Map(rows.map((row) => [row[inodeField], row]));
}

/**
 * The open descriptors of a process by kind: tcp (connections, not listeners), admin (accepted on a named socket), pair (of a
 * socketpair), pipe, pidfd, and all others by name, sorted.
 */
export function descriptorsOf(pid) {
    const found = { tcp: 0, admin: 0, pair: 0, pipe: 0, pidfd: 0, others: [] };
    const targets = names(`/proc/${pid}/fd`)
        .map((fd) => link(`/proc/${pid}/fd/${fd}`))
        .filter(Boolean);
    const tcp = new Map([...sockets(pid, 'tcp', 9), ...sockets(pid, 'tcp6', 9)]),
        unix = sockets(pid, 'unix', 6);
    for (const target of targets) {
        const inode = /^socket:\[(\d+)\]$/.exec(target)?.[1];
        const [kind] = /^(pipe|anon_inode:\[pidfd\]|pidfd)/.exec(target) ?? [];
        const [, , , flags, , , , name] = unix.get(inode) ?? [];
        const isListening = tcp.get(inode)?.[3] === '0A' || Number.parseInt(flags, 16) === 0x10000;
        if (isListening) found.others.push('listener');
        else if (unix.has(inode)) found[name ? 'admin' : 'pair'] += 1;
        else if (tcp.has(inode)) found.tcp += 1;
        else if (kind === 'pipe') found.pipe += 1;
        else if (kind) found.pidfd += 1;
        // libfaketime names a file after the process, and angod has files of its own process open.
        else found.others.push(target.replaceAll(`_${pid}`, '_PID').replace(/\/proc\/\d+\/(task\/\d+\/)?/, '/proc/PID/'));
    }
    found.others.sort();
    return found;
}
