// What the kernel says of a process.
import fs from 'node:fs';

/** What read() returns, or instead where the process or descriptor has just gone. */
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

/** Of a process: state letter and parent; null if there is none. */
function stat(pid) {
    const line = text(pid, 'stat');
    if (!line) return null;
    const [state, parent] = line.slice(line.lastIndexOf(')') + 2).split(' ');
    return { state, parent: Number(parent) };
}

export const processExists = (pid) => ![undefined, 'Z', 'X'].includes(stat(pid)?.state);

/** Stopped by a signal, with all its threads. */
export const isStopped = (pid) => names(`/proc/${pid}/task`).every((task) => stat(`${pid}/task/${task}`)?.state === 'T');

const all = () =>
    names('/proc')
        .filter((name) => /^\d+$/.test(name))
        .map(Number);
/** A child that has ended and was not reaped is one too. */
export const childrenOf = (pid) => all().filter((other) => stat(other)?.parent === pid);
/** Processes that have a file of the folder in memory: what runs a module of a state_dir. */
export const usersOf = (folder) => all().filter((pid) => text(pid, 'maps').includes(`${folder}/`));

const statusOf = (pid, field) => Number(new RegExp(`^${field}:\\s+(\\d+)`, 'm').exec(text(pid, 'status'))?.[1]);
export const threadsOf = (pid) => statusOf(pid, 'Threads');
export const residentBytesOf = (pid) => 1024 * statusOf(pid, 'VmRSS');
/** The most that it ever had in memory. */
export const peakBytesOf = (pid) => 1024 * statusOf(pid, 'VmHWM');
/** A sanitizer keeps freed memory to itself. Known by its terabytes of shadow memory. */
export const isSanitized = (pid) => statusOf(pid, 'VmSize') > 2 ** 30; // KB
export const commandLineOf = (pid) => text(pid, 'cmdline');
export const environmentOf = (pid) => text(pid, 'environ');

/** Inodes of the sockets in a table of /proc/PID/net, with the rest of their lines. */
function sockets(pid, table, inodeField) {
    const rows = text(pid, `net/${table}`)
        .split('\n')
        .slice(1)
        .filter(Boolean)
        .map((row) => row.trim().split(/\s+/));
    return new Map(rows.map((row) => [row[inodeField], row]));
}

/**
 * The open descriptors of a process, by what they are: tcp (connections, not listeners), admin (accepted on a named
 * socket), pair (of a socketpair), pipe, pidfd, and the others by name, in order.
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
        else found.others.push(target.replaceAll(`_${pid}`, '_PID')); // libfaketime names a file after the process
    }
    found.others.sort();
    return found;
}
