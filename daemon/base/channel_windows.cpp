#include "base/channel.hpp"

#include "base/files.hpp"
#include "base/handle_windows.hpp"
#include "base/pipe_windows.hpp"

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <cwchar>
#include <utility>

namespace angod {

namespace {

constexpr std::size_t kChunk = 1u << 20;

/// Runs one operation on an overlapped handle to its end; returns why it failed, or ERROR_SUCCESS.
template <class Start> DWORD complete(NativeHandle pipe, DWORD &moved, Start start) {
    const Handle done(::CreateEventW(nullptr, TRUE, FALSE, nullptr));
    if (!done) return ::GetLastError();
    OVERLAPPED operation{};
    operation.hEvent = done.get();
    if (!start(&operation) && ::GetLastError() != ERROR_IO_PENDING) return ::GetLastError();
    return ::GetOverlappedResult(pipe, &operation, &moved, TRUE) ? ERROR_SUCCESS : ::GetLastError();
}

Error channel_error(std::string_view doing, DWORD why) {
    ::SetLastError(why);
    return error(Code::io, std::string(doing) + ": " + files::system_error());
}

/// The handle that angod has written into the environment; none if it is no pipe.
NativeHandle handle_from_environment() {
    wchar_t text[32];
    const DWORD length = ::GetEnvironmentVariableW(kChannelVariable, text, static_cast<DWORD>(std::size(text)));
    if (length == 0 || length >= std::size(text)) return kNoHandle;
    wchar_t *end = nullptr;
    const auto number = std::wcstoull(text, &end, 10);
    const auto handle = reinterpret_cast<NativeHandle>(static_cast<std::uintptr_t>(number));
    if (*end != L'\0' || handle == kNoHandle || ::GetFileType(handle) != FILE_TYPE_PIPE) return kNoHandle;
    return handle;
}

} // namespace

ChannelEnd::ChannelEnd(ChannelEnd &&other) noexcept : handle_(std::exchange(other.handle_, kNoHandle)) {}

ChannelEnd::~ChannelEnd() { const Handle closed(handle_); }

bool ChannelEnd::usable() const {
    DWORD flags = 0;
    return ::GetHandleInformation(handle_, &flags) != 0;
}

Result<std::size_t> ChannelEnd::read_some(char *buffer, std::size_t capacity) {
    const auto size = static_cast<DWORD>(std::min(capacity, kChunk));
    for (;;) {
        DWORD n = 0;
        const DWORD why = complete(
            handle_, n, [&](OVERLAPPED *operation) { return ::ReadFile(handle_, buffer, size, nullptr, operation); });
        if (why == ERROR_BROKEN_PIPE) return std::size_t{0};
        if (why != ERROR_SUCCESS) return channel_error("cannot read from angod", why);
        if (n > 0) return std::size_t{n}; // an empty message is not the end
    }
}

Result<void> ChannelEnd::write(const char *data, std::size_t size) {
    while (size > 0) {
        DWORD n = 0;
        const auto chunk = static_cast<DWORD>(std::min(size, kChunk));
        const DWORD why = complete(
            handle_, n, [&](OVERLAPPED *operation) { return ::WriteFile(handle_, data, chunk, nullptr, operation); });
        if (why != ERROR_SUCCESS) return channel_error("cannot write to angod", why);
        data += n;
        size -= n;
    }
    return {};
}

Result<ChannelPair> make_channel(const boost::asio::any_io_executor &executor) {
    auto ends = make_pipe(PipeFlow::both_ways);
    if (!ends) return wrap("cannot make a channel for a host", ends.error());
    ChannelStream ours(executor);
    boost::system::error_code failed;
    ours.assign(ends->ours.get(), failed);
    if (failed) return error(Code::io, "cannot use a channel for a host: " + failed.message());
    ends->ours.release();
    return ChannelPair{std::move(ours), ChannelEnd(ends->theirs.release())};
}

// An overlapped pipe cannot take a part of a write and return.
std::size_t write_what_fits(ChannelStream &, std::string_view) { return 0; }

bool has_inherited_channel() { return handle_from_environment() != kNoHandle; }

ChannelEnd inherited_channel() {
    const NativeHandle handle = handle_from_environment();
    // Processes that the host starts get neither the channel nor its number.
    ::SetHandleInformation(handle, HANDLE_FLAG_INHERIT, 0);
    ::_wputenv_s(kChannelVariable, L"");
    return ChannelEnd(handle);
}

} // namespace angod
