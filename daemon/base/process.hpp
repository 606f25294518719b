// Child processes: started from an open file, watched without signals, ended as a group. Event loop only.
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
class Orphans;
struct ProcessWatch {
    asio::posix::stream_descriptor ended; ///< a pidfd
    Orphans &orphans;                     ///< of the event loop
};
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
    /// "NAME=value". The child inherits nothing else, except what the system needs to run a program.
    std::vector<std::string> environment;
    ChannelEnd *channel = nullptr; ///< what the child finds as inherited_channel()
    /// A debugger or the like, with its arguments. It is looked for in PATH, executes the program with this path, and keeps
    /// the terminal: stdin, stdout and stderr are those of the caller. Empty: none. Not on Windows.
    std::vector<std::string> launcher;
};

/// How a process ended.
struct ExitStatus {
    int code = 0; ///< exit code, if signal is 0; Windows has no signals, but codes for them
    int signal = 0;
    std::string text() const; ///< "was ended by signal 11 (Segmentation fault)"
};

/// One child, the head of a process group (Windows: job object) of its own. stdin is empty; stdout and stderr arrive on
/// output(). Wait for it before it is destroyed: the destructor kills a child that has not been waited for.
class Process {
public:
    /// Starts it on the calling thread, which waits until the system has read the program. For programs without other work.
    static Result<std::unique_ptr<Process>> start(const asio::any_io_executor &executor, const Program &program,
                                                  const SpawnOptions &options);
    /// The same without holding up the event loop: a thread starts all processes of this event loop, one after the other. An
    /// error (timeout) after 20 s; a process that comes later is killed. The context of the executor may end meanwhile.
    static awaitable<Result<std::unique_ptr<Process>>> launch(const Program &program, SpawnOptions options);
    ~Process();

    int pid() const { return pid_; }
    /// The stdout and stderr of the child; end of file when all writers are gone.
    OutputStream &output() { return output_; }
    /// Returns when the process has ended. Call once.
    awaitable<ExitStatus> wait();
    /// Kills the whole group. Harmless when it has ended already.
    void kill();
    /// Limits the memory that it, and each process it starts from now on, can ask the system for. Memory that is only mapped
    /// or reserved does not count. False: the system refused.
    bool limit_data(std::uint64_t bytes);
    /// Resident memory in bytes; 0 if it is gone.
    std::size_t resident() const;
    /// Memory in bytes that belongs to it alone, without the pages of mapped files. 0 if it is gone.
    std::size_t own_memory() const;

private:
    Process(int pid, ProcessWatch watch, OutputStream output);
#ifndef _WIN32
    /// After an error the child and the descriptor still belong to the caller.
    static Result<std::unique_ptr<Process>> watch(const asio::any_io_executor &executor, int pid, int output);
#endif
    int pid_;
    bool reaped_ = false;
    ProcessWatch watch_;
    OutputStream output_;
};

} // namespace angod
