// The last words of a process that crashes: one line on stderr that names the signal, the file and the place in it. The process
// then ends by the same signal, as it would have done without the line.
#pragma once

namespace angod {

/// From now on a crash of any thread is reported. Once, at the beginning of main. Does nothing in a build with a sanitizer,
/// which reports crashes itself.
void report_crashes();

/// file: the path of a module that was loaded, as the system shows it. A crash outside of it, for example in a library that it
/// called, is reported together with places in this file that are on the stack. Longer paths than 4 KB are left out.
void report_crashes_of(const char *file);

/// While it exists, a crash of the calling thread is reported even if the stack of the thread is used up. Without it the
/// report of such a thread is missing. The main thread has one already.
class CrashStack {
public:
    CrashStack();
    CrashStack(const CrashStack &) = delete;
    CrashStack &operator=(const CrashStack &) = delete;
    ~CrashStack();

private:
    void *memory_ = nullptr;
};

} // namespace angod
