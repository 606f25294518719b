#include "base/service_windows.hpp"

#include "base/service.hpp"

#include <mutex>

namespace angod::service {

namespace {

/// Starting and stopping may take so long without a sign of life; a stop drains the running jobs.
constexpr DWORD kPatienceMs = 60'000;

struct State {
    std::mutex mutex;
    SERVICE_STATUS_HANDLE manager = nullptr; ///< never closed, as its documentation demands
    DWORD now = SERVICE_START_PENDING;
    DWORD checkpoint = 0;
    DWORD exit_code = 0;

    /// With the mutex held.
    void tell() {
        if (!manager) return;
        const bool pending = now == SERVICE_START_PENDING || now == SERVICE_STOP_PENDING;
        SERVICE_STATUS status{};
        status.dwServiceType = SERVICE_WIN32_OWN_PROCESS;
        status.dwCurrentState = now;
        status.dwControlsAccepted = now == SERVICE_RUNNING ? SERVICE_ACCEPT_STOP | SERVICE_ACCEPT_SHUTDOWN : 0;
        status.dwWin32ExitCode = exit_code == 0 ? NO_ERROR : ERROR_SERVICE_SPECIFIC_ERROR;
        status.dwServiceSpecificExitCode = exit_code;
        status.dwCheckPoint = pending ? ++checkpoint : 0;
        status.dwWaitHint = pending ? kPatienceMs : 0;
        ::SetServiceStatus(manager, &status); // it fails only if the manager is gone
    }
};

State &state() {
    static State the_state;
    return the_state;
}

void enter(DWORD next) {
    State &s = state();
    const std::lock_guard lock(s.mutex);
    s.now = next;
    s.checkpoint = 0;
    s.tell();
}

} // namespace

void report_to(SERVICE_STATUS_HANDLE manager) {
    State &s = state();
    const std::lock_guard lock(s.mutex);
    s.manager = manager;
    s.tell();
}

void stopped(DWORD exit_code) {
    State &s = state();
    const std::lock_guard lock(s.mutex);
    s.now = SERVICE_STOPPED;
    s.exit_code = exit_code;
    s.tell();
}

// The manager knows states, but no text.
void ready(const std::string &) { enter(SERVICE_RUNNING); }
void stopping(const std::string &, std::chrono::seconds) { enter(SERVICE_STOP_PENDING); }

void reloading() {} // the manager knows no such state
void alive() {}
std::optional<std::chrono::microseconds> watchdog() { return std::nullopt; }

} // namespace angod::service
