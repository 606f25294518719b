// The handler may run at any instruction, also while a lock of the allocator or of the loader is held. So it uses system
// calls and memory that was there before: dladdr and backtrace take locks, therefore it reads /proc/self/maps and the file
// itself. It runs on a stack of its own, because the thread's may be used up, which is a crash as well.
//
// The program counter may be in a library that the module called, or in abort. Then the stack is searched for addresses
// inside of the module: the return addresses of its calls, and rests of calls that have ended. Nothing that is safe here can
// tell them apart, so the line has the first ones, with the words "on its stack".
#include "base/crash_report.hpp"

#include "base/elf_function.hpp"
#include "base/memory_map.hpp"

#include <fcntl.h>
#include <signal.h>
#include <sys/mman.h>
#include <ucontext.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <cstring>

namespace angod {

namespace {

#if defined(__has_feature)
constexpr bool kHasSanitizer = __has_feature(address_sanitizer) || __has_feature(thread_sanitizer);
#elif defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr bool kHasSanitizer = true;
#else
constexpr bool kHasSanitizer = false;
#endif

constexpr int kSignals[] = {SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGABRT};
constexpr std::size_t kStackSize = 128 * 1024;
constexpr std::size_t kLongestPath = 4096;
/// How much of a stack is searched, and how many addresses are told.
constexpr std::uint64_t kSearched = 64 * 1024;
constexpr std::size_t kMostCallers = 6;

alignas(64) char main_stack[kStackSize];
char module_path[kLongestPath];
std::atomic<bool> has_module{false};
std::atomic_flag is_reporting = ATOMIC_FLAG_INIT;

struct Registers {
    std::uint64_t counter = 0, stack = 0; ///< 0: not known for this processor
};

Registers registers_of(const void *context) {
    const auto &machine = static_cast<const ucontext_t *>(context)->uc_mcontext;
#if defined(__x86_64__)
    return {static_cast<std::uint64_t>(machine.gregs[REG_RIP]), static_cast<std::uint64_t>(machine.gregs[REG_RSP])};
#elif defined(__aarch64__)
    return {machine.pc, machine.sp};
#else
    static_cast<void>(machine);
    return {};
#endif
}

/// Calls take with each mapping of this process. The memory is the caller's: one crash is reported at a time.
template <class Take> void each_mapping(const Take &take) {
    static char buffer[kLongestPath + 256];
    const int maps = ::open("/proc/self/maps", O_RDONLY | O_CLOEXEC);
    if (maps < 0) return;
    std::size_t filled = 0;
    for (ssize_t got = 0; (got = ::read(maps, buffer + filled, sizeof buffer - filled)) > 0;) {
        filled += static_cast<std::size_t>(got);
        std::size_t from = 0;
        for (const char *end = nullptr;
             (end = static_cast<const char *>(std::memchr(buffer + from, '\n', filled - from))) != nullptr;) {
            const auto size = static_cast<std::size_t>(end - buffer) - from;
            if (const auto one = parse_mapping({buffer + from, size})) take(*one);
            from += size + 1;
        }
        if (from == 0 && filled == sizeof buffer) break; // no path is so long
        std::memmove(buffer, buffer + from, filled - from);
        filled -= from;
    }
    ::close(maps);
}

/// A place in a file.
struct Place {
    char path[kLongestPath];
    std::uint64_t offset = 0;
    bool found = false;

    void set(const Mapping &one, std::uint64_t address) {
        const std::size_t size = std::min(one.path.size(), sizeof path - 1);
        std::memcpy(path, one.path.data(), size);
        path[size] = 0;
        offset = address - one.begin + one.offset;
        found = true;
    }
};

/// The line, put together piece by piece.
class Line {
public:
    Line &add(const char *text) {
        for (; *text && size_ < sizeof text_ - 1; ++text) text_[size_++] = *text;
        return *this;
    }
    Line &number(std::uint64_t value, unsigned base) {
        char digits[20];
        std::size_t count = 0;
        do {
            digits[count++] = "0123456789abcdef"[value % base];
            value /= base;
        } while (value > 0);
        while (count > 0 && size_ < sizeof text_ - 1) text_[size_++] = digits[--count];
        return *this;
    }
    Line &hex(std::uint64_t value) { return add("0x").number(value, 16); }
    /// "module.so+0x1234 (function)"
    Line &place(const Place &place) {
        static char function[128];
        const char *slash = std::strrchr(place.path, '/');
        add(slash ? slash + 1 : place.path).add("+").hex(place.offset);
        if (find_elf_function(place.path, place.offset, function, sizeof function)) add(" (").add(function).add(")");
        return *this;
    }
    void write() {
        text_[size_++] = '\n';
        for (std::size_t done = 0; done < size_;) {
            const ssize_t n = ::write(STDERR_FILENO, text_ + done, size_ - done);
            if (n <= 0) return;
            done += static_cast<std::size_t>(n);
        }
    }

private:
    char text_[2048];
    std::size_t size_ = 0;
};

/// Calls take with the addresses on the stack that lie in the code. end: of the memory of this stack.
template <class Take>
void each_on_stack(std::uint64_t stack, std::uint64_t end, const Mapping *code, std::size_t parts, const Take &take) {
    for (std::uint64_t at = stack; at + sizeof at <= std::min(end, stack + kSearched); at += sizeof at) {
        const std::uint64_t value = *reinterpret_cast<const std::uint64_t *>(at);
        for (std::size_t i = 0; i < parts; ++i)
            if (value > code[i].begin && value < code[i].end) take(value, code[i]);
    }
}

void describe(Line &line, const Registers &registers) {
    static Place where, caller;
    static Mapping code[8]; // the executable parts of the module; their paths are not used later
    std::size_t parts = 0;
    std::uint64_t stack_end = 0;
    bool in_module = false;
    each_mapping([&](const Mapping &one) {
        const bool is_module = has_module && one.path == module_path;
        if (one.has(registers.counter)) {
            where.set(one, registers.counter);
            in_module = is_module;
        }
        // A stack that is used up ends in a page that cannot be read.
        if (one.readable && one.has(registers.stack)) stack_end = one.end;
        if (is_module && one.executable && parts < std::size(code)) code[parts++] = one;
    });
    if (where.found && where.path[0]) line.add(", in ").place(where);
    if (in_module || stack_end == 0 || parts == 0) return;
    std::uint64_t told[kMostCallers] = {};
    std::size_t count = 0;
    const auto tell = [&](std::uint64_t address, const Mapping &part) {
        if (count == kMostCallers || std::find(told, told + count, address) != told + count) return;
        Mapping one = part;
        one.path = module_path;
        caller.set(one, address - 1); // the call is in front of the address to which it returns
        line.add(count == 0 ? ", on its stack " : ", ").place(caller);
        told[count++] = address;
    };
    each_on_stack((registers.stack + 7) & ~std::uint64_t{7}, stack_end, code, parts, tell);
}

const char *name_of_signal(int signal) {
    switch (signal) {
        case SIGSEGV: return "Segmentation fault";
        case SIGBUS: return "Bus error";
        case SIGILL: return "Illegal instruction";
        case SIGFPE: return "Floating point exception";
        case SIGABRT: return "Aborted";
    }
    return "unknown";
}

void on_crash(int signal, siginfo_t *info, void *context) {
    if (is_reporting.test_and_set())
        for (;;) ::pause(); // another thread reports; the process ends with it
    static Line line;
    line.add("crash: signal ")
        .number(static_cast<std::uint64_t>(signal), 10)
        .add(" (")
        .add(name_of_signal(signal))
        .add(")");
    // Of an abort, or a signal that a process sent, there is no address.
    if (signal != SIGABRT && info->si_code > 0)
        line.add(" at address ").hex(reinterpret_cast<std::uint64_t>(info->si_addr));
    describe(line, registers_of(context));
    line.write();
    // It waits until the handler has returned, because it is blocked here.
    ::signal(signal, SIG_DFL);
    ::raise(signal);
}

void use_stack(void *memory) {
    stack_t stack{};
    stack.ss_sp = memory;
    stack.ss_size = kStackSize;
    ::sigaltstack(&stack, nullptr);
}

} // namespace

void report_crashes() {
    if (kHasSanitizer) return;
    use_stack(main_stack);
    struct sigaction action {};
    action.sa_sigaction = on_crash;
    action.sa_flags = SA_SIGINFO | SA_ONSTACK;
    for (const int signal : kSignals) sigaddset(&action.sa_mask, signal);
    for (const int signal : kSignals) ::sigaction(signal, &action, nullptr);
}

void report_crashes_of(const char *file) {
    const std::size_t size = std::strlen(file);
    if (size == 0 || size >= sizeof module_path) return;
    std::memcpy(module_path, file, size + 1);
    has_module = true;
}

CrashStack::CrashStack() {
    if (kHasSanitizer) return;
    void *memory = ::mmap(nullptr, kStackSize, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED) return; // only the report is lost
    memory_ = memory;
    use_stack(memory_);
}

CrashStack::~CrashStack() {
    if (!memory_) return;
    stack_t none{};
    none.ss_flags = SS_DISABLE;
    ::sigaltstack(&none, nullptr);
    ::munmap(memory_, kStackSize);
}

} // namespace angod
