// Child processes: started from an open file, watched without signals, ended as a group.
#pragma once

#include "base/async.hpp"
#include "base/channel.hpp"
#include "base/result.hpp"

#ifdef _WIN32
#include "base/handle_windows.hpp"

#include <boost/asio/windows/object_handle.hpp>
#include <boost/asio/windows/stream_handle.hpp>
#else
#include <boost/asio/posix/stream_descriptor.hpp>
#endif

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

namespace angod {

#ifdef _WIN32
using OutputStream = asio::windows::stream_handle;
struct ProcessWatch {
    asio::windows::object_handle ended;
    Handle job; ///< the process and all that it starts
};
#else
using OutputStream = asio::posix::stream_descriptor;
using ProcessWatch = asio::posix::stream_descriptor; // a pidfd
#endif

/// An executable, opened once: a later change of the file on disk does not change what is started.
class Program {
public:
    static Result<Program> open(const std::filesystem::path &path);
    Program(Program &&other) noexcept;
    Program &operator=(Program &&) = delete;
    ~Program();
    NativeHandle native() const { return handle_; }

private:
    explicit Program(NativeHandle handle) : handle_(handle) {}
    NativeHandle handle_;
};

struct SpawnOptions {
    std::vector<std::string> arguments; ///< argv, the name first
    std::vector<std::string>
        environment; ///< "NAME=value"; nothing else is inherited, but what the system needs to run a program
    ChannelEnd *channel = nullptr; ///< what the child finds as inherited_channel()
};

/// How a process ended.
struct ExitStatus {
    int code = 0; ///< exit code, if signal is 0; Windows has no signals, but codes for them
    int signal = 0;
    std::string text() const; ///< "was ended by signal 11 (Segmentation fault)"
};

/// One child, the head of a process group (Windows: job object) of its own. stdin is empty; stdout and stderr arrive on
/// output(). Must be waited for before it is destroyed; a destroyed one is killed.
class Process {
public:
    static Result<std::unique_ptr<Process>> start(const asio::any_io_executor &executor, const Program &program,
                                                  const SpawnOptions &options);
    ~Process();

    int pid() const { return pid_; }
    /// What the child writes to stdout and stderr; end of file when all writers are gone.
    OutputStream &output() { return output_; }
    /// Ends when the process has. Call once.
    awaitable<ExitStatus> wait();
    /// Kills the whole group. Harmless when it has ended already.
    void kill();
    /// Memory of its own that it, and each process it starts from now on, can ask the system for; what is only mapped
    /// or reserved does not count. False: the system would not.
    bool limit_data(std::uint64_t bytes);
    /// Resident memory in bytes; 0 if it is gone.
    std::size_t resident() const;
    /// Memory in bytes that the system can have back from nobody but it: not that of files that are mapped. 0 if it is
    /// gone.
    std::size_t own_memory() const;

private:
    Process(int pid, ProcessWatch watch, OutputStream output);
    int pid_;
    bool reaped_ = false;
    ProcessWatch watch_;
    OutputStream output_;
};

/// Has blocks of a megabyte and more go back to the system when they are freed. Once, at the beginning of main, for
/// a process that lives long and meets a large message now and then.
void return_freed_memory();

/// Once, at the beginning of main, for a process that starts hosts: what a module has started and taken out of the
/// host's group becomes a child of this process when the host ends, and is ended then.
void adopt_orphans();

/// First call of a host: gives it its name and ties its life, and that of its process group, to its parent's.
void become_host();
/// Ends the calling process at once: no destructors, no exit handlers of libraries.
[[noreturn]] void leave_now(int code);
/// The same for everything that the calling process, as the head of its group, has started.
[[noreturn]] void end_own_group();
/// Resident memory of the calling process in bytes.
std::size_t own_resident();
int own_pid();
/// What top, perf and debuggers call the calling thread. At most 15 bytes.
void name_thread(const char *name);

} // namespace angod
