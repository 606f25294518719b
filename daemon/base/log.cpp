// A line passes three places under one lock, which keeps their order: it is held until the log is configured, goes to stderr by
// way of spdlog, and to the tail in memory. With a thread of its own (see log_writer.hpp) the way to stderr ends at the writer's
// buffer, so the lock is held for a short time only, however slow the reader is.
//
// The state and the writer are never destroyed: at the end of the process the thread may stand in a write that does not return.
#include "base/log.hpp"

#include "base/clock.hpp"
#include "base/json.hpp"
#include "base/log_tail.hpp"
#include "base/log_writer.hpp"
#include "base/plural.hpp"
#include "base/printable.hpp"
#include "base/redact.hpp"
#include "base/stderr.hpp"
#include "base/utf8.hpp"

#include <spdlog/details/null_mutex.h>
#include <spdlog/sinks/base_sink.h>
#include <spdlog/spdlog.h>

#include <atomic>
#include <memory>
#include <mutex>
#include <vector>

namespace angod {

namespace {

struct Line {
    LogLevel level;
    std::int64_t time_ms;
    std::string text_fields, json_fields, text;
};

using namespace std::chrono_literals;

/// How much may wait for a slow reader of stderr.
constexpr std::size_t kWaitingBytes = 1 << 20;
/// How long the end of the process waits for that reader.
constexpr auto kFlushLimit = 1s;

/// spdlog's way to stderr: by the writer, if there is one, or else at once.
class Sink : public spdlog::sinks::base_sink<spdlog::details::null_mutex> {
public:
    std::atomic<LogWriter *> writer = nullptr; ///< never destroyed: it may stand in a write that does not end

protected:
    void sink_it_(const spdlog::details::log_msg &message) override {
        spdlog::memory_buf_t text;
        formatter_->format(message, text);
        if (LogWriter *to = writer)
            to->add(fmt::to_string(text));
        else
            write_stderr({text.data(), text.size()});
    }
    void flush_() override {}
};

/// The one place where the process's log is configured. The mutex keeps the lines of stderr and of the tail in one order.
struct State {
    std::mutex mutex;
    bool configured = false;
    std::atomic<bool> json = false;
    LogLevel level = LogLevel::info;
    bool keeps_tail = false;
    LogTail tail;
    std::vector<Line> held;
    std::shared_ptr<Sink> sink = std::make_shared<Sink>();
    spdlog::logger out{"angod", sink};

    State() {
        out.set_pattern("%v");
        out.set_level(spdlog::level::trace);
    }
};

/// Never destroyed: the log's thread may use it until the process is gone.
State &state() {
    static State &the_state = *new State;
    return the_state;
}

std::string render(const Line &line, bool json) {
    if (json)
        return fmt::format(R"({{"time":"{}","level":"{}",{}"msg":{}}})", iso_time(line.time_ms), name_of(line.level),
                           line.json_fields, json::quote(line.text));
    // An event stays on one line, and nothing in it controls the terminal of the reader.
    return fmt::format("{} {:<7} {}{}", iso_time(line.time_ms), name_of(line.level), printable(line.text),
                       line.text_fields.empty() ? "" : "  [" + line.text_fields + "]");
}

void keep(LogTail &tail, const Line &line) {
    if (line.text.size() <= LogTail::kLongestText) return tail.add(line.level, render(line, true));
    Line cut = line;
    cut.text.resize(beginning_of(line.text, LogTail::kLongestText).size());
    cut.text += fmt::format(" … ({} bytes more)", line.text.size() - cut.text.size());
    tail.add(cut.level, render(cut, true));
}

/// The caller has the lock.
void put_out(State &s, const Line &line) {
    if (line.level < s.level) return;
    s.out.info(render(line, s.json));
    if (s.keeps_tail) keep(s.tail, line);
}

std::string note_of_dropped(std::uint64_t lines) {
    const Line line{LogLevel::warning, now_ms(), "", "",
                    fmt::format("{} log line{} {} dropped: stderr took no more", lines, plural(lines),
                                plural(lines, "was", "were"))};
    return render(line, state().json) + "\n";
}

} // namespace

Log Log::with(std::string_view field, std::string_view value) const {
    Log log = *this;
    if (!log.text_fields_.empty()) log.text_fields_ += ' ';
    log.text_fields_ += fmt::format("{}={}", field, value);
    log.json_fields_ += fmt::format("{}:{},", json::quote(field), json::quote(value));
    return log;
}

void Log::write(LogLevel level, std::string_view text) const {
    Line line{level, now_ms(), text_fields_, json_fields_, redact_urls(text)};
    State &s = state();
    const std::lock_guard lock(s.mutex);
    if (!s.configured)
        s.held.push_back(std::move(line));
    else
        put_out(s, line);
}

bool Log::enabled(LogLevel level) {
    State &s = state();
    const std::lock_guard lock(s.mutex);
    return !s.configured || level >= s.level;
}

void Log::configure(std::string_view level, bool json) {
    State &s = state();
    const std::lock_guard lock(s.mutex);
    s.level = log_level_of(level).value_or(s.level);
    s.json = json;
    s.configured = true;
    for (const Line &line : s.held) put_out(s, line);
    s.held.clear();
}

void Log::use_own_thread() {
    State &s = state();
    const std::lock_guard lock(s.mutex);
    if (!s.sink->writer) s.sink->writer = new LogWriter(kWaitingBytes, write_stderr, note_of_dropped);
}

void Log::print(std::string_view text) {
    State &s = state();
    const std::lock_guard lock(s.mutex);
    s.out.info(text);
}

std::uint64_t Log::dropped() {
    const LogWriter *writer = state().sink->writer;
    return writer ? writer->dropped() : 0;
}

bool Log::is_written() {
    const LogWriter *writer = state().sink->writer;
    return !writer || writer->is_empty();
}

void Log::flush() {
    bool configured = false;
    {
        const std::lock_guard lock(state().mutex);
        configured = state().configured;
    }
    if (!configured) configure("info", false);
    if (LogWriter *writer = state().sink->writer) writer->drain(kFlushLimit);
}

LogTail &log_tail() {
    State &s = state();
    const std::lock_guard lock(s.mutex);
    s.keeps_tail = true;
    return s.tail;
}

} // namespace angod
