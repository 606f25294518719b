// Where a thread is at the moment: its calls, as another thread sees them.
#pragma once

#include <pthread.h>

#include <memory>
#include <string>
#include <vector>

namespace angod::app {

/// Made on the thread that is looked at; the other functions are for one other thread.
class ThreadTrace {
public:
    ThreadTrace();
    ThreadTrace(const ThreadTrace &) = delete;
    ThreadTrace &operator=(const ThreadTrace &) = delete;
    ~ThreadTrace();

    /// The addresses of its calls, the innermost first. Empty if it cannot be interrupted: it waits in a call of the system.
    std::vector<void *> calls() const;
    /// How long the thread has been ready to run and had no processor so far, in nanoseconds. 0 if the system does not say.
    long long waited_for_processor_ns() const;

private:
    const pthread_t thread_;
    int schedstat_;
};

/// One text for such addresses: functions where they have names, and else file+offset, for addr2line. At most eight.
/// with_names: false while the thread may hold a lock of the loader, because the names need it.
std::string text_of(const std::vector<void *> &calls, bool with_names);

} // namespace angod::app
