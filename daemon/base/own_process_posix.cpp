// The end of a host is the difficult part. A module may start processes, in the group of its host or outside of it, and the
// host may hang in module code when angod dies. So the host is the subreaper of everything below it, and a signal handler,
// which the kernel calls when angod dies, kills all of it. The handler may run at any instruction: it uses system calls and
// its own stack only.
#include "base/own_process.hpp"

#include "base/channel.hpp"
#include "base/resident_posix.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <malloc.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

namespace angod {

namespace {

/// Kills the children of one thread and reaps those that are dead; true if there was any. Async-signal-safe.
bool kill_children_of(int tasks, const char *thread) {
    const int folder = ::openat(tasks, thread, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    const int fd = ::openat(folder, "children", O_RDONLY | O_CLOEXEC);
    ::close(folder);
    if (fd < 0) return false;
    char text[4096];
    const ssize_t size = ::read(fd, text, sizeof text); // the next round reads the rest
    ::close(fd);
    bool any = false;
    pid_t pid = 0;
    for (ssize_t i = 0; i < size; ++i) {
        if (text[i] >= '0' && text[i] <= '9') {
            pid = pid * 10 + (text[i] - '0');
            continue;
        }
        if (pid > 0) {
            ::kill(pid, SIGKILL);
            ::waitpid(pid, nullptr, WNOHANG);
            any = true;
        }
        pid = 0;
    }
    return any;
}

/// The same for the children of this process.
bool kill_children() {
    const int tasks = ::open("/proc/self/task", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (tasks < 0) return false;
    bool any = false;
    alignas(dirent64) char entries[4096];
    for (long size = 0; (size = ::syscall(SYS_getdents64, tasks, entries, sizeof entries)) > 0;)
        for (long at = 0; at < size;) {
            const auto *entry = reinterpret_cast<const dirent64 *>(entries + at);
            at += entry->d_reclen;
            if (entry->d_name[0] != '.') any = kill_children_of(tasks, entry->d_name) || any;
        }
    ::close(tasks);
    return any;
}

/// Ends the group of a host whose angod is gone.
void end_group_on_signal(int) { end_own_group(); }

} // namespace

void become_host() {
    ::prctl(PR_SET_CHILD_SUBREAPER, 1); // processes of the module stay below this one
    ::prctl(PR_SET_NAME, "angod-host"); // it was executed by a number
    ::close(kProgramFd);
    // End of file on the channel is what counts; this covers a host whose main thread hangs in module code. Not
    // SIGKILL: processes that the module has started must go too. The kernel ties it to the parent's thread that spawned
    // us, and angod spawns only from its event loop, which lives as long as the process.
    struct sigaction action {};
    action.sa_handler = end_group_on_signal;
    ::sigaction(SIGTERM, &action, nullptr);
    ::prctl(PR_SET_PDEATHSIG, SIGTERM);
}

void return_freed_memory() {
#ifdef __GLIBC__
    // By default the first large block that is freed raises these limits to its size, and what is freed later stays:
    // a few events of 20 MB would leave hundreds of megabytes behind for good.
    ::mallopt(M_MMAP_THRESHOLD, 1 << 20);
    ::mallopt(M_TRIM_THRESHOLD, 1 << 20);
#endif
}

void leave_now(int code) { ::_exit(code); }

void end_own_group() {
    constexpr int kRounds = 100; // a process whose parent was killed is a child in the next
    for (int i = 0; i < kRounds && kill_children(); ++i) ::usleep(1000);
    if (::getpgrp() == ::getpid()) ::kill(0, SIGKILL);
    ::_exit(1);
}

std::size_t own_resident() {
    // It stays open: when all descriptors are used up, an operator wants to know this, too.
    static const int statm = ::open("/proc/self/statm", O_RDONLY | O_CLOEXEC);
    char text[128];
    const ssize_t size = ::pread(statm, text, sizeof text - 1, 0);
    if (size <= 0) return 0;
    text[size] = 0;
    return resident_in(text);
}

int own_pid() { return ::getpid(); }

void name_thread(const char *name) { ::prctl(PR_SET_NAME, name); }

} // namespace angod
