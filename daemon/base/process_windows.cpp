// A host is started with exactly the handles that it needs, inside a job object that ends with its handle: so nothing that a
// module starts can outlive its host, or angod. A crash appears as an exit code, which is turned into words here.
//
// Thread: the event loop.
#include "base/process.hpp"

#include "base/files.hpp"
#include "base/pipe_windows.hpp"
#include "base/resident_windows.hpp"
#include "base/text_windows.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <utility>

namespace angod {

namespace {

/// The exit code after kill(). The bit marks codes that are not the system's own.
constexpr UINT kKilled = 0x20000009;

Error spawn_error(std::string_view doing) {
    return error(Code::io, fmt::format("cannot {} for a host process: {}", doing, files::system_error()));
}

/// The codes with which Windows ends a process by itself.
std::string_view exception_name(std::uint32_t code) {
    switch (code) {
        case 0xC0000005: return "access violation";
        case 0xC000001D: return "illegal instruction";
        case 0xC0000094: return "division by zero";
        case 0xC00000FD: return "stack overflow";
        case 0xC0000135: return "a library that it needs was not found";
        case 0xC0000142: return "a library that it needs failed to start";
        case 0xC0000374: return "heap corruption";
        case 0xC0000409: return "abort";
        case 0xC06D007E: return "a library that it needs was not found";
        case 0xE06D7363: return "an uncaught exception";
        default: return "";
    }
}

/// One argument so that the C runtime of the child reads it as it is: a quote is escaped with a backslash, and so is
/// every backslash before a quote.
void append_quoted(std::wstring &line, std::wstring_view argument) {
    if (!line.empty()) line += L' ';
    line += L'"';
    std::size_t backslashes = 0;
    for (const wchar_t c : argument) {
        if (c == L'"') line.append(backslashes + 1, L'\\');
        backslashes = c == L'\\' ? backslashes + 1 : 0;
        line += c;
    }
    line.append(backslashes, L'\\');
    line += L'"';
}

std::wstring command_line(const std::vector<std::string> &arguments) {
    std::wstring line;
    for (const std::string &argument : arguments) append_quoted(line, to_wide(argument));
    return line;
}

bool before_ignoring_case(std::wstring_view a, std::wstring_view b) {
    return ::CompareStringOrdinal(a.data(), static_cast<int>(a.size()), b.data(), static_cast<int>(b.size()), TRUE) ==
           CSTR_LESS_THAN;
}

/// "NAME=value", each with a zero behind it, sorted by name, and a zero at the end.
std::wstring environment_block(const SpawnOptions &options) {
    std::vector<std::wstring> all;
    if (options.channel)
        all.push_back(std::wstring(kChannelVariable) + L'=' +
                      std::to_wstring(reinterpret_cast<std::uintptr_t>(options.channel->native())));
    for (const std::string &variable : options.environment) all.push_back(to_wide(variable));
    // Without it nothing that uses sockets or certificates starts.
    if (const wchar_t *root = ::_wgetenv(L"SystemRoot")) all.push_back(L"SystemRoot=" + std::wstring(root));
    const auto name_of = [](std::wstring_view variable) { return variable.substr(0, variable.find(L'=')); };
    std::stable_sort(all.begin(), all.end(), [&](const std::wstring &a, const std::wstring &b) {
        return before_ignoring_case(name_of(a), name_of(b));
    });
    std::wstring block;
    for (std::size_t i = 0; i < all.size(); ++i) {
        if (i > 0 && !before_ignoring_case(name_of(all[i - 1]), name_of(all[i])))
            continue; // the first of a name counts
        block += all[i];
        block += L'\0';
    }
    block += L'\0';
    if (all.empty()) block += L'\0';
    return block;
}

/// Attributes of a child beyond its command line: exactly these handles, and the job that it belongs to from its first
/// instruction. The arrays must live until the process has been created.
class StartAttributes {
public:
    StartAttributes() {
        SIZE_T size = 0;
        ::InitializeProcThreadAttributeList(nullptr, 2, 0, &size);
        memory_.resize(size);
        ready_ = ::InitializeProcThreadAttributeList(list(), 2, 0, &size);
    }
    StartAttributes(const StartAttributes &) = delete;
    StartAttributes &operator=(const StartAttributes &) = delete;
    ~StartAttributes() {
        if (ready_) ::DeleteProcThreadAttributeList(list());
    }
    bool set(DWORD_PTR attribute, std::vector<HANDLE> &handles) {
        return ready_ && ::UpdateProcThreadAttribute(list(), 0, attribute, handles.data(),
                                                     handles.size() * sizeof(HANDLE), nullptr, nullptr);
    }
    LPPROC_THREAD_ATTRIBUTE_LIST list() { return reinterpret_cast<LPPROC_THREAD_ATTRIBUTE_LIST>(memory_.data()); }

private:
    std::vector<std::byte> memory_;
    bool ready_ = false;
};

/// Handles that can be inherited, for as long as it lives. Other code that starts processes meanwhile must give them a
/// list of handles too.
class Inheritable {
public:
    explicit Inheritable(const std::vector<HANDLE> &handles) : handles_(handles) { mark(HANDLE_FLAG_INHERIT); }
    Inheritable(const Inheritable &) = delete;
    Inheritable &operator=(const Inheritable &) = delete;
    ~Inheritable() { mark(0); }

private:
    void mark(DWORD flag) const {
        for (const HANDLE handle : handles_) ::SetHandleInformation(handle, HANDLE_FLAG_INHERIT, flag);
    }
    const std::vector<HANDLE> &handles_;
};

/// Ends everything in it when its only handle is closed, also by our death.
Handle make_job() {
    Handle job(::CreateJobObjectW(nullptr, nullptr));
    JOBOBJECT_EXTENDED_LIMIT_INFORMATION limits{};
    limits.BasicLimitInformation.LimitFlags =
        JOB_OBJECT_LIMIT_KILL_ON_JOB_CLOSE | JOB_OBJECT_LIMIT_DIE_ON_UNHANDLED_EXCEPTION;
    if (!job || !::SetInformationJobObject(job.get(), JobObjectExtendedLimitInformation, &limits, sizeof limits))
        return Handle();
    return job;
}

/// The path of an open file, as programs take it: without the prefix that switches the usual rules for paths off.
std::wstring path_of(NativeHandle file) {
    std::wstring path(::GetFinalPathNameByHandleW(file, nullptr, 0, FILE_NAME_NORMALIZED), L'\0');
    path.resize(::GetFinalPathNameByHandleW(file, path.data(), static_cast<DWORD>(path.size()), FILE_NAME_NORMALIZED));
    constexpr std::wstring_view kPrefix = LR"(\\?\)", kNetwork = LR"(\\?\UNC\)";
    if (path.starts_with(kNetwork)) return LR"(\\)" + path.substr(kNetwork.size());
    return path.starts_with(kPrefix) ? path.substr(kPrefix.size()) : path;
}

} // namespace

// The file cannot be changed, renamed or deleted while it is open like this.
Result<Program> Program::open(const std::filesystem::path &path) {
    Handle file(::CreateFileW(path.c_str(), GENERIC_READ, FILE_SHARE_READ, nullptr, OPEN_EXISTING,
                              FILE_ATTRIBUTE_NORMAL, nullptr));
    if (!file)
        return error(Code::not_found,
                     fmt::format("cannot open the host program {}: {}", path.string(), files::system_error()));
    return Program(file.release());
}

Program::Program(Program &&other) noexcept : handle_(std::exchange(other.handle_, kNoHandle)) {}

Program::~Program() { const Handle closed(handle_); }

std::string ExitStatus::text() const {
    const auto bits = static_cast<std::uint32_t>(code);
    if (bits == kKilled) return "was killed";
    if (bits < 0xC0000000) return fmt::format("exited with code {}", code);
    const std::string_view name = exception_name(bits);
    return fmt::format("was ended by exception 0x{:X}{}", bits, name.empty() ? "" : fmt::format(" ({})", name));
}

Result<std::unique_ptr<Process>> Process::start(const asio::any_io_executor &executor, const Program &program,
                                                const SpawnOptions &options) {
    auto pipe = make_pipe(PipeFlow::to_us);
    if (!pipe) return wrap("cannot take the output of a host process", pipe.error());
    OutputStream output(executor);
    boost::system::error_code failed;
    output.assign(pipe->ours.get(), failed);
    if (failed) return error(Code::io, "cannot take the output of a host process: " + failed.message());
    pipe->ours.release();
    const Handle no_input(
        ::CreateFileW(L"NUL", GENERIC_READ, FILE_SHARE_READ | FILE_SHARE_WRITE, nullptr, OPEN_EXISTING, 0, nullptr));
    if (!no_input) return spawn_error("open NUL");
    Handle job = make_job();
    if (!job) return spawn_error("make a job object");

    // Libraries open handles that can be inherited: a host must not get those of other plugins.
    std::vector<HANDLE> handles{no_input.get(), pipe->theirs.get()};
    if (options.channel) handles.push_back(options.channel->native());
    std::vector<HANDLE> jobs{job.get()};
    StartAttributes attributes;
    if (!attributes.set(PROC_THREAD_ATTRIBUTE_HANDLE_LIST, handles) ||
        !attributes.set(PROC_THREAD_ATTRIBUTE_JOB_LIST, jobs))
        return spawn_error("prepare the start");

    STARTUPINFOEXW start{};
    start.StartupInfo.cb = sizeof start;
    start.StartupInfo.dwFlags = STARTF_USESTDHANDLES;
    start.StartupInfo.hStdInput = no_input.get();
    start.StartupInfo.hStdOutput = start.StartupInfo.hStdError = pipe->theirs.get();
    start.lpAttributeList = attributes.list();
    const std::wstring path = path_of(program.native());
    std::wstring line = command_line(options.arguments);
    std::wstring environment = environment_block(options);
    PROCESS_INFORMATION started{};
    {
        const Inheritable inheritable(handles);
        if (!::CreateProcessW(path.c_str(), line.data(), nullptr, nullptr, TRUE,
                              EXTENDED_STARTUPINFO_PRESENT | CREATE_UNICODE_ENVIRONMENT | CREATE_NO_WINDOW,
                              environment.data(), nullptr, &start.StartupInfo, &started))
            return spawn_error("start");
    }
    const Handle thread(started.hThread);
    Handle process(started.hProcess);
    ProcessWatch watch{asio::windows::object_handle(executor), std::move(job)};
    watch.ended.assign(process.get(), failed);
    if (failed) return error(Code::io, "cannot watch a host process: " + failed.message()); // its job ends it
    process.release();
    return std::unique_ptr<Process>(
        new Process(static_cast<int>(started.dwProcessId), std::move(watch), std::move(output)));
}

// The event loop waits until the system has read the program.
awaitable<Result<std::unique_ptr<Process>>> Process::launch(const Program &program, SpawnOptions options) {
    const auto executor = co_await asio::this_coro::executor;
    co_return start(executor, program, options);
}

Process::Process(int pid, ProcessWatch watch, OutputStream output)
    : pid_(pid), watch_(std::move(watch)), output_(std::move(output)) {}

// The last handle of its job goes with it, and so does all that is in the job.
Process::~Process() = default;

awaitable<ExitStatus> Process::wait() {
    ExitStatus status;
    const auto [failed] = co_await watch_.ended.async_wait(as_value);
    if (failed) co_return status;
    DWORD code = 0;
    ::GetExitCodeProcess(watch_.ended.native_handle(), &code);
    kill(); // nothing in its job may live on
    reaped_ = true;
    status.code = static_cast<int>(code);
    co_return status;
}

void Process::kill() {
    if (!reaped_) ::TerminateJobObject(watch_.job.get(), kKilled);
}

bool Process::limit_data(std::uint64_t bytes) {
    JOBOBJECT_EXTENDED_LIMIT_INFORMATION limits{};
    if (!::QueryInformationJobObject(watch_.job.get(), JobObjectExtendedLimitInformation, &limits, sizeof limits,
                                     nullptr))
        return false;
    limits.BasicLimitInformation.LimitFlags |= JOB_OBJECT_LIMIT_PROCESS_MEMORY;
    limits.ProcessMemoryLimit = static_cast<SIZE_T>(bytes);
    return ::SetInformationJobObject(watch_.job.get(), JobObjectExtendedLimitInformation, &limits, sizeof limits) != 0;
}

std::size_t Process::own_memory() const {
    PROCESS_MEMORY_COUNTERS_EX counters{};
    auto *where = reinterpret_cast<PROCESS_MEMORY_COUNTERS *>(&counters);
    const auto process = const_cast<ProcessWatch &>(watch_).ended.native_handle();
    return !reaped_ && ::K32GetProcessMemoryInfo(process, where, sizeof counters) ? counters.PrivateUsage : 0;
}

std::size_t Process::resident() const {
    // native_handle is no const function of Asio's, but changes nothing.
    return reaped_ ? 0 : resident_of(const_cast<ProcessWatch &>(watch_).ended.native_handle());
}

} // namespace angod
