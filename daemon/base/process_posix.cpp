// A child is started with posix_spawn: forking a process with threads would allow next to nothing in the child. The call returns
// when the system has read the program, so launch makes it on a thread of its own. There is one such thread for each event loop,
// and it lasts: a host asks the system for a signal when the thread that started it ends. The program is an open descriptor, executed by way of /proc, so that a file replaced on disk does not matter. A pidfd tells the event loop
// of the end of the child, without signals. The child leads a process group, and its number is used only until it is reaped,
// so a kill cannot meet another process.
#include "base/disk_call.hpp"
#include "base/file_io_posix.hpp"
#include "base/files.hpp"
#include "base/orphans_posix.hpp"
#include "base/process.hpp"
#include "base/resident_posix.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <signal.h>
#include <spawn.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <utility>

namespace angod {

namespace {

using namespace std::chrono_literals;

Error spawn_error(std::string_view doing) {
    return error(Code::io, fmt::format("cannot {} for a host process: {}", doing, files::system_error()));
}

/// Descriptors that are given to a child must not be among the numbers that they get there.
constexpr int kFirstOwn = 10;

int moved_up(int fd) {
    if (fd < 0 || fd >= kFirstOwn) return fd;
    const int higher = ::fcntl(fd, F_DUPFD_CLOEXEC, kFirstOwn);
    ::close(fd);
    return higher;
}

/// How long the destructor waits for the end of a killed process.
constexpr std::chrono::microseconds kReapCheck = 5ms;
constexpr int kReapChecks = 200;
/// For the system to read and start the host program.
constexpr auto kStartLimit = 20s;
/// A process that has ended but cannot be reaped belongs to a debugger. It is checked again after this time.
constexpr auto kTraced = 100ms;

std::vector<char *> pointers(const std::vector<std::string> &texts) {
    std::vector<char *> out;
    for (const std::string &text : texts) out.push_back(const_cast<char *>(text.c_str()));
    out.push_back(nullptr);
    return out;
}

/// Descriptors that a child is started with; channel: −1 without one.
struct ChildFiles {
    int program, channel, output;
};

Result<pid_t> start_child(const ChildFiles &files, const SpawnOptions &options) {
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    const bool launched = !options.launcher.empty();
    if (!launched) {
        posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
        posix_spawn_file_actions_adddup2(&actions, files.output, 1);
        posix_spawn_file_actions_adddup2(&actions, files.output, 2);
    }
    if (files.channel >= 0) posix_spawn_file_actions_adddup2(&actions, files.channel, kChannelFd);
    posix_spawn_file_actions_adddup2(&actions, files.program, kProgramFd);
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
    // A group of its own would not be that of the terminal: a debugger could not read from it.
    const int group = launched ? 0 : POSIX_SPAWN_SETPGROUP;
    posix_spawnattr_setflags(&attributes, static_cast<short>(group | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF));

    const std::string path = fmt::format("/proc/self/fd/{}", kProgramFd);
    auto arguments = pointers(launched ? options.launcher : options.arguments);
    auto environment = pointers(options.environment);
    pid_t pid = -1;
    errno = launched ? ::posix_spawnp(&pid, arguments[0], &actions, &attributes, arguments.data(), environment.data())
                     : ::posix_spawn(&pid, path.c_str(), &actions, &attributes, arguments.data(), environment.data());
    const bool failed = errno != 0;
    const Error why =
        launched ? error(Code::io, fmt::format("cannot start {}: {}", options.launcher.front(), files::system_error()))
                 : spawn_error("start");
    posix_spawnattr_destroy(&attributes);
    posix_spawn_file_actions_destroy(&actions);
    if (failed) return why;
    return pid;
}

/// A child that is not watched yet. If nobody comes to watch it, it is killed.
class Child {
public:
    Child(pid_t pid, std::shared_ptr<Children> children) : pid_(pid), children_(std::move(children)) {}
    Child(Child &&other) noexcept : pid_(std::exchange(other.pid_, 0)), children_(std::move(other.children_)) {}
    Child &operator=(Child &&) = delete;
    ~Child() {
        if (pid_ == 0) return;
        if (::kill(-pid_, SIGKILL) != 0) ::kill(pid_, SIGKILL);
        ::waitpid(pid_, nullptr, 0);
        children_->remove(pid_);
    }
    pid_t pid() const { return pid_; }
    void release() { pid_ = 0; }

private:
    pid_t pid_; ///< 0: none
    std::shared_ptr<Children> children_;
};

/// Any thread.
Result<Child> start_child_of(const std::shared_ptr<Children> &children, const ChildFiles &files,
                             const SpawnOptions &options) {
    const std::lock_guard starting(children->starting);
    const auto pid = start_child(files, options);
    if (!pid) return pid.error();
    children->add(*pid);
    return Child(*pid, children);
}

/// A pipe for stdout and stderr of a child.
struct Output {
    std::unique_ptr<files::Fd> ours, theirs;
};

Result<Output> make_output() {
    int pipe[2];
    if (::pipe2(pipe, O_CLOEXEC) != 0) return spawn_error("make a pipe");
    return Output{std::make_unique<files::Fd>(pipe[0]), std::make_unique<files::Fd>(moved_up(pipe[1]))};
}

/// A Process has them now.
void release(Child &child, Output &output) {
    child.release();
    output.ours->release();
}

/// Descriptors for a child, of which the first two are copies.
class GivenFiles {
public:
    GivenFiles(int program, const ChannelEnd *channel, std::unique_ptr<files::Fd> output)
        : program_(copy(program)), channel_(channel ? copy(channel->native()) : nullptr), output_(std::move(output)) {}
    /// Before close.
    bool open() const { return program_->open() && (!channel_ || channel_->open()) && output_->open(); }
    ChildFiles files() const { return {program_->get(), channel_ ? channel_->get() : -1, output_->get()}; }
    void close() {
        program_.reset();
        channel_.reset();
        output_.reset();
    }

private:
    static std::unique_ptr<files::Fd> copy(int fd) {
        return std::make_unique<files::Fd>(::fcntl(fd, F_DUPFD_CLOEXEC, kFirstOwn));
    }
    std::unique_ptr<files::Fd> program_, channel_, output_;
};

/// The thread that starts the hosts of an event loop.
struct StartThread : asio::execution_context::service {
    using key_type = StartThread;
    static const asio::execution_context::id id;
    explicit StartThread(asio::execution_context &context) : asio::execution_context::service(context) {}
    void shutdown() override {}
    CallThread thread;
};
const asio::execution_context::id StartThread::id;

const std::shared_ptr<Children> &children_of(const asio::any_io_executor &executor) {
    return asio::use_service<Orphans>(asio::query(executor, asio::execution::context)).children();
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
    auto output = make_output();
    if (!output) return output.error();
    const int channel = options.channel ? options.channel->native() : -1;
    const auto children = children_of(executor);
    auto child = start_child_of(children, {program.native(), channel, output->theirs->get()}, options);
    output->theirs.reset();
    if (!child) return child.error();
    auto process = watch(executor, child->pid(), output->ours->get());
    if (process) release(*child, *output);
    return process;
}

awaitable<Result<std::unique_ptr<Process>>> Process::launch(const Program &program, SpawnOptions options) {
    const auto executor = co_await asio::this_coro::executor;
    auto output = make_output();
    if (!output) co_return output.error();
    // The thread may still need them when the caller has gone on.
    auto given = std::make_shared<GivenFiles>(program.native(), options.channel, std::move(output->theirs));
    if (!given->open()) co_return spawn_error("copy a descriptor");
    options.channel = nullptr;
    const auto work = [given, children = children_of(executor), options = std::move(options)](const DiskCall &) {
        auto child = start_child_of(children, given->files(), options);
        given->close(); // or the end of the child would not end its channel and its output
        return child;
    };
    auto &thread = asio::use_service<StartThread>(asio::query(executor, asio::execution::context)).thread;
    auto child = co_await on_call_thread(thread, "the start of a host process", kStartLimit, work);
    if (!child) co_return child.error();
    auto process = watch(executor, child->pid(), output->ours->get());
    if (process) release(*child, *output);
    co_return process;
}

Result<std::unique_ptr<Process>> Process::watch(const asio::any_io_executor &executor, int pid, int output) {
    // The child is not reaped yet, so its number cannot belong to another process.
    const int pidfd = static_cast<int>(::syscall(SYS_pidfd_open, pid, 0));
    if (pidfd < 0) return spawn_error("watch a process");
    ::fcntl(pidfd, F_SETFD, FD_CLOEXEC);
    auto &orphans = asio::use_service<Orphans>(asio::query(executor, asio::execution::context));
    return std::unique_ptr<Process>(new Process(
        pid, ProcessWatch{asio::posix::stream_descriptor(executor, pidfd), orphans}, OutputStream(executor, output)));
}

Process::Process(int pid, ProcessWatch watch, OutputStream output)
    : pid_(pid), watch_(std::move(watch)), output_(std::move(output)) {}

Process::~Process() {
    if (reaped_) return;
    kill();
    // It is gone at once, unless the kernel holds on to it: then the process that inherits it reaps it.
    for (int i = 0; i < kReapChecks && ::waitpid(pid_, nullptr, WNOHANG) == 0; ++i) ::usleep(kReapCheck / 1us);
    watch_.orphans.children()->remove(pid_);
    watch_.orphans.end();
}

awaitable<ExitStatus> Process::wait() {
    ExitStatus status;
    bool has_ended = false;
    for (;;) {
        siginfo_t info{};
        if (::waitid(P_PID, static_cast<id_t>(pid_), &info, WEXITED | WNOHANG | WNOWAIT) == 0 && info.si_pid == pid_) {
            // Nothing that it left behind in its group may live on. Until it is reaped the number is its own.
            ::kill(-pid_, SIGKILL);
            ::waitpid(pid_, nullptr, 0);
            reaped_ = true;
            watch_.orphans.children()->remove(pid_);
            if (watch_.orphans.end()) spawn(watch_.ended.get_executor(), "orphans", watch_.orphans.end_all());
            if (info.si_code == CLD_EXITED)
                status.code = info.si_status;
            else
                status.signal = info.si_status;
            co_return status;
        }
        if (has_ended) co_await pause(kTraced);
        const auto [failed] = co_await watch_.ended.async_wait(asio::posix::stream_descriptor::wait_read, as_value);
        if (failed) co_return status;
        has_ended = true;
    }
}

void Process::kill() {
    if (reaped_) return;
    // It has no group of its own if it was launched by a debugger.
    if (::kill(-pid_, SIGKILL) != 0) ::kill(pid_, SIGKILL);
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

} // namespace angod
