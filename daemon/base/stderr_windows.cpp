#include "base/handle_windows.hpp"
#include "base/log.hpp"
#include "base/stderr.hpp"

namespace angod {

namespace {

constexpr int kCrashChecks = 200;

LONG WINAPI wait_for_log(EXCEPTION_POINTERS *) {
    for (int i = 0; i < kCrashChecks && !Log::is_written(); ++i) ::Sleep(1);
    return EXCEPTION_CONTINUE_SEARCH;
}

} // namespace

std::size_t write_stderr(std::string_view text) {
    std::size_t written = 0;
    while (written < text.size()) {
        DWORD n = 0;
        if (!::WriteFile(::GetStdHandle(STD_ERROR_HANDLE), text.data() + written,
                         static_cast<DWORD>(text.size() - written), &n, nullptr) ||
            n == 0)
            break;
        written += n;
    }
    return written;
}

void keep_log_at_crash() { ::SetUnhandledExceptionFilter(wait_for_log); }

} // namespace angod
