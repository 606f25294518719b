// A signal interrupts the thread, and its handler writes down the return addresses. The signal is SIGURG, because
// nothing happens if it comes to a process that does not expect it. backtrace() is prepared in the constructor: its first
// call loads a library, which a handler must not do.
#include "app/thread_trace.hpp"

#include <cxxabi.h>
#include <dlfcn.h>
#include <execinfo.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <link.h>
#include <signal.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <string_view>
#include <thread>

namespace angod::app {

namespace {

using namespace std::chrono_literals;

constexpr int kSignal = SIGURG;
constexpr std::size_t kMostCalls = 32, kShown = 8;
/// The handler itself and the frame of the signal.
constexpr std::size_t kOwnCalls = 2;
constexpr auto kPatience = 50ms, kCheck = 1ms;

std::array<void *, kMostCalls> g_calls;
std::atomic<int> g_count = -1; ///< -1: the handler has not run yet

void write_down(int) {
    const int before = errno;
    g_count.store(::backtrace(g_calls.data(), static_cast<int>(g_calls.size())), std::memory_order_release);
    errno = before;
}

std::string base_name(const char *path) {
    const std::string_view whole = path && *path ? path : program_invocation_short_name; // the program has no name here
    return std::string(whole.substr(whole.rfind('/') + 1));
}

std::string text_of(void *address, bool with_names) {
    Dl_info info{};
    if (with_names && ::dladdr(address, &info) != 0 && info.dli_sname) {
        int status = 0;
        char *plain = abi::__cxa_demangle(info.dli_sname, nullptr, nullptr, &status);
        std::string name = status == 0 && plain ? plain : info.dli_sname;
        std::free(plain);
        return name.substr(0, 80);
    }
    dl_find_object found{};
    if (::_dl_find_object(address, &found) != 0) return fmt::format("{}", address);
    const auto offset = reinterpret_cast<std::uintptr_t>(address) - found.dlfo_link_map->l_addr;
    return fmt::format("{}+0x{:x}", base_name(found.dlfo_link_map->l_name), offset);
}

} // namespace

ThreadTrace::ThreadTrace()
    : thread_(::pthread_self()),
      schedstat_(
          ::open(fmt::format("/proc/self/task/{}/schedstat", ::syscall(SYS_gettid)).c_str(), O_RDONLY | O_CLOEXEC)) {
    ::backtrace(g_calls.data(), static_cast<int>(g_calls.size()));
    struct sigaction action {};
    action.sa_handler = write_down;
    action.sa_flags = SA_RESTART;
    ::sigaction(kSignal, &action, nullptr);
}

ThreadTrace::~ThreadTrace() {
    struct sigaction action {};
    action.sa_handler = SIG_IGN; // one may still be on its way
    ::sigaction(kSignal, &action, nullptr);
    if (schedstat_ >= 0) ::close(schedstat_);
}

std::vector<void *> ThreadTrace::calls() const {
    g_count.store(-1, std::memory_order_relaxed);
    if (::pthread_kill(thread_, kSignal) != 0) return {};
    const auto deadline = std::chrono::steady_clock::now() + kPatience;
    int count = -1;
    while ((count = g_count.load(std::memory_order_acquire)) < 0 && std::chrono::steady_clock::now() < deadline)
        std::this_thread::sleep_for(kCheck);
    std::vector<void *> out;
    for (std::size_t i = kOwnCalls; count > 0 && i < static_cast<std::size_t>(count); ++i) out.push_back(g_calls[i]);
    return out;
}

long long ThreadTrace::waited_for_processor_ns() const {
    std::array<char, 64> text{};
    if (schedstat_ < 0 || ::pread(schedstat_, text.data(), text.size() - 1, 0) <= 0) return 0;
    // "time on a processor, time waited for one, number of turns", the times in nanoseconds (proc(5)).
    char *rest = nullptr;
    std::strtoll(text.data(), &rest, 10);
    return std::strtoll(rest, nullptr, 10);
}

std::string text_of(const std::vector<void *> &calls, bool with_names) {
    if (calls.empty()) return "a call of the system that cannot be interrupted";
    std::string out;
    for (std::size_t i = 0; i < calls.size() && i < kShown; ++i)
        out += (i ? " < " : "") + text_of(calls[i], with_names);
    return out;
}

} // namespace angod::app
