#include "base/log.hpp"
#include "base/stderr.hpp"

#include <poll.h>
#include <signal.h>
#include <time.h>
#include <unistd.h>

#include <cerrno>

namespace angod {

namespace {

constexpr int kCrashChecks = 200;

/// A signal handler: it may wait and look, and nothing else.
void wait_for_log(int signal, siginfo_t *info, void *) {
    for (int i = 0; i < kCrashChecks && !Log::is_written(); ++i) {
        const timespec millisecond{0, 1'000'000};
        ::nanosleep(&millisecond, nullptr);
    }
    // The action is the default again. A fault happens again after the return; a signal that was sent must be sent again.
    if (info->si_code <= 0) ::raise(signal);
}

} // namespace

std::size_t write_stderr(std::string_view text) {
    std::size_t written = 0;
    while (written < text.size()) {
        const ssize_t n = ::write(STDERR_FILENO, text.data() + written, text.size() - written);
        if (n > 0) {
            written += static_cast<std::size_t>(n);
        } else if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) { // another process made it so
            pollfd writable{STDERR_FILENO, POLLOUT, 0};
            ::poll(&writable, 1, -1);
        } else if (n == 0 || errno != EINTR) {
            break;
        }
    }
    return written;
}

void keep_log_at_crash() {
    struct sigaction action {};
    action.sa_sigaction = wait_for_log;
    action.sa_flags = SA_SIGINFO | static_cast<int>(SA_RESETHAND);
    for (const int signal : {SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGABRT}) {
        struct sigaction present {};
        ::sigaction(signal, nullptr, &present);
        if (present.sa_handler == SIG_DFL) ::sigaction(signal, &action, nullptr);
    }
}

} // namespace angod
