#include "base/process.hpp"

#include "base/files.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <malloc.h>
#include <signal.h>
#include <spawn.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <set>
#include <utility>

namespace angod {

namespace {

using namespace std::chrono_literals;

Error spawn_error(std::string_view doing) {
    return error(Code::io, fmt::format("cannot {} for a host process: {}", doing, files::system_error()));
}

/// Descriptors that are given to a child must not be among the numbers that they get there.
constexpr int kFirstOwn = 10;
/// The program itself, while it is being executed.
constexpr int kProgramFd = kChannelFd + 1;

int moved_up(int fd) {
    if (fd < 0 || fd >= kFirstOwn) return fd;
    const int higher = ::fcntl(fd, F_DUPFD_CLOEXEC, kFirstOwn);
    ::close(fd);
    return higher;
}

constexpr std::chrono::microseconds kOrphanCheck = 5ms;
constexpr int kOrphanChecks = 400;
/// A killed process whose end is not told.
constexpr std::chrono::microseconds kReapCheck = 5ms;
constexpr int kReapChecks = 200;
/// One that has ended and is not told of belongs to a debugger, until that lets go of it.
constexpr auto kTraced = 100ms;

std::vector<pid_t> children_of_self() {
    std::vector<pid_t> children;
    std::error_code ignored;
    for (const auto &task : std::filesystem::directory_iterator("/proc/self/task", ignored)) {
        std::FILE *file = std::fopen((task.path() / "children").c_str(), "re");
        if (!file) continue;
        for (int pid = 0; std::fscanf(file, "%d", &pid) == 1;) children.push_back(pid);
        std::fclose(file);
    }
    return children;
}

/// Children that are no orphans: hosts that are not reaped yet, and what was there before. Event loop only.
std::set<pid_t> &own_children() {
    static std::set<pid_t> the_children;
    return the_children;
}
bool adopting = false;

/// Ends what a host that has ended left behind beside its group. True: something is still there.
bool end_orphans() {
    if (!adopting) return false;
    bool left = false;
    for (const pid_t pid : children_of_self()) {
        if (own_children().contains(pid)) continue;
        ::kill(pid, SIGKILL);
        ::waitpid(pid, nullptr, WNOHANG);
        left = true; // its own children are orphans now
    }
    return left;
}

awaitable<void> end_all_orphans() {
    for (int i = 0; i < kOrphanChecks && end_orphans(); ++i) co_await pause(kOrphanCheck);
}

/// Kills the children of one thread and reaps those that are dead; true if there was any. May be called in a signal
/// handler.
bool kill_children_of(int tasks, const char *thread) {
    const int folder = ::openat(tasks, thread, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    const int fd = ::openat(folder, "children", O_RDONLY | O_CLOEXEC);
    ::close(folder);
    if (fd < 0) return false;
    char text[4096];
    const ssize_t size = ::read(fd, text, sizeof text); // what does not fit comes in the next round
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

/// Likewise, of this process.
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

std::vector<char *> pointers(const std::vector<std::string> &texts) {
    std::vector<char *> out;
    for (const std::string &text : texts) out.push_back(const_cast<char *>(text.c_str()));
    out.push_back(nullptr);
    return out;
}

std::size_t resident_of(const std::string &statm) {
    std::FILE *file = std::fopen(statm.c_str(), "re");
    if (!file) return 0;
    unsigned long size = 0, resident = 0;
    const int got = std::fscanf(file, "%lu %lu", &size, &resident);
    std::fclose(file);
    return got == 2 ? resident * static_cast<std::size_t>(::sysconf(_SC_PAGESIZE)) : 0;
}

} // namespace

Result<Program> Program::open(const std::filesystem::path &path) {
    const int fd = moved_up(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
    if (fd < 0)
        return error(Code::not_found,
                     fmt::format("cannot open the host program {}: {}", path.string(), files::system_error()));
    return Program(fd);
}

Program::Program(Program &&other) noexcept : handle_(std::exchange(other.handle_, kNoHandle)) {}

Program::~Program() {
    if (handle_ >= 0) ::close(handle_);
}

std::string ExitStatus::text() const {
    return signal ? fmt::format("was ended by signal {} ({})", signal, ::strsignal(signal))
                  : fmt::format("exited with code {}", code);
}

Result<std::unique_ptr<Process>> Process::start(const asio::any_io_executor &executor, const Program &program,
                                                const SpawnOptions &options) {
    int pipe[2];
    if (::pipe2(pipe, O_CLOEXEC) != 0) return spawn_error("make a pipe");
    pipe[1] = moved_up(pipe[1]);

    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_adddup2(&actions, pipe[1], 1);
    posix_spawn_file_actions_adddup2(&actions, pipe[1], 2);
    if (options.channel) posix_spawn_file_actions_adddup2(&actions, options.channel->native(), kChannelFd);
    posix_spawn_file_actions_adddup2(&actions, program.native(), kProgramFd);
    // Libraries open sockets without close-on-exec: a host must not see those of other plugins.
    posix_spawn_file_actions_addclosefrom_np(&actions, kProgramFd + 1);

    posix_spawnattr_t attributes;
    posix_spawnattr_init(&attributes);
    sigset_t none, all;
    sigemptyset(&none);
    sigfillset(&all);
    posix_spawnattr_setsigmask(&attributes, &none);
    posix_spawnattr_setsigdefault(&attributes, &all);
    posix_spawnattr_setpgroup(&attributes, 0);
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);

    const std::string path = fmt::format("/proc/self/fd/{}", kProgramFd);
    auto arguments = pointers(options.arguments);
    auto environment = pointers(options.environment);
    pid_t pid = -1;
    errno = ::posix_spawn(&pid, path.c_str(), &actions, &attributes, arguments.data(), environment.data());
    const bool failed = errno != 0;
    const Error why = spawn_error("start");
    posix_spawnattr_destroy(&attributes);
    posix_spawn_file_actions_destroy(&actions);
    ::close(pipe[1]);
    if (failed) {
        ::close(pipe[0]);
        return why;
    }
    // The child is ours and not reaped yet, so its number cannot belong to another process.
    const int pidfd = static_cast<int>(::syscall(SYS_pidfd_open, pid, 0));
    if (pidfd < 0) {
        const Error no_pidfd = spawn_error("watch a process");
        ::kill(-pid, SIGKILL);
        ::waitpid(pid, nullptr, 0);
        ::close(pipe[0]);
        return no_pidfd;
    }
    ::fcntl(pidfd, F_SETFD, FD_CLOEXEC);
    own_children().insert(pid);
    return std::unique_ptr<Process>(new Process(pid, ProcessWatch(executor, pidfd), OutputStream(executor, pipe[0])));
}

Process::Process(int pid, ProcessWatch watch, OutputStream output)
    : pid_(pid), watch_(std::move(watch)), output_(std::move(output)) {}

Process::~Process() {
    if (reaped_) return;
    kill();
    // It is gone at once, unless the system holds on to it: then it is left to whoever inherits it.
    for (int i = 0; i < kReapChecks && ::waitpid(pid_, nullptr, WNOHANG) == 0; ++i) ::usleep(kReapCheck / 1us);
    own_children().erase(pid_);
    end_orphans();
}

awaitable<ExitStatus> Process::wait() {
    ExitStatus status;
    bool has_ended = false;
    for (;;) {
        siginfo_t info{};
        if (::waitid(P_PID, static_cast<id_t>(pid_), &info, WEXITED | WNOHANG | WNOWAIT) == 0 && info.si_pid == pid_) {
            // What it left behind in its group must not live on. Until it is reaped the number is its own.
            ::kill(-pid_, SIGKILL);
            ::waitpid(pid_, nullptr, 0);
            reaped_ = true;
            own_children().erase(pid_);
            if (end_orphans()) spawn(watch_.get_executor(), "orphans", end_all_orphans());
            if (info.si_code == CLD_EXITED)
                status.code = info.si_status;
            else
                status.signal = info.si_status;
            co_return status;
        }
        if (has_ended) co_await pause(kTraced);
        const auto [failed] = co_await watch_.async_wait(ProcessWatch::wait_read, as_value);
        if (failed) co_return status;
        has_ended = true;
    }
}

void Process::kill() {
    if (!reaped_) ::kill(-pid_, SIGKILL);
}

bool Process::limit_data(std::uint64_t bytes) {
    const rlimit limit{bytes, bytes};
    return !reaped_ && ::prlimit(pid_, RLIMIT_DATA, &limit, nullptr) == 0;
}

std::size_t Process::own_memory() const {
    if (reaped_) return 0;
    std::FILE *file = std::fopen(fmt::format("/proc/{}/status", pid_).c_str(), "re");
    if (!file) return 0;
    std::size_t kilobytes = 0;
    char line[256];
    while (std::fgets(line, sizeof line, file)) {
        unsigned long value = 0;
        for (const char *format : {"RssAnon: %lu", "RssShmem: %lu", "VmSwap: %lu"})
            if (std::sscanf(line, format, &value) == 1) kilobytes += value;
    }
    std::fclose(file);
    return kilobytes * 1024;
}

std::size_t Process::resident() const { return reaped_ ? 0 : resident_of(fmt::format("/proc/{}/statm", pid_)); }

void adopt_orphans() {
    for (const pid_t pid : children_of_self()) own_children().insert(pid);
    adopting = ::prctl(PR_SET_CHILD_SUBREAPER, 1) == 0;
    std::atexit([] { // what was found last may have had children
        for (int i = 0; i < kOrphanChecks && end_orphans(); ++i) ::usleep(kOrphanCheck / 1us);
    });
}

void become_host() {
    ::prctl(PR_SET_CHILD_SUBREAPER, 1); // what the module starts stays below this process as long as it lives
    ::prctl(PR_SET_NAME, "angod-host"); // it was executed by a number
    ::close(kProgramFd);
    // End of file on the channel is what counts; this covers a host whose main thread hangs in module code. Not
    // SIGKILL: what the module has started must go too. The kernel ties it to the parent's thread that spawned
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
    constexpr int kRounds = 100; // whose parent was killed is a child in the next
    for (int i = 0; i < kRounds && kill_children(); ++i) ::usleep(1000);
    if (::getpgrp() == ::getpid()) ::kill(0, SIGKILL);
    ::_exit(1);
}

std::size_t own_resident() { return resident_of("/proc/self/statm"); }

int own_pid() { return ::getpid(); }

void name_thread(const char *name) { ::prctl(PR_SET_NAME, name); }

} // namespace angod
