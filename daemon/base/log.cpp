#include "base/log.hpp"

#include "base/clock.hpp"
#include "base/json.hpp"
#include "base/log_tail.hpp"
#include "base/redact.hpp"
#include "base/utf8.hpp"

#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include <mutex>
#include <vector>

namespace angod {

namespace {

struct Line {
    LogLevel level;
    std::int64_t time_ms;
    std::string text_fields, json_fields, text;
};

/// The one place where the process's log is configured: spdlog does the writing and locking.
struct State {
    std::mutex mutex;
    bool configured = false;
    bool json = false;
    LogLevel level = LogLevel::info;
    bool keeps_tail = false;
    LogTail tail;
    std::vector<Line> held;
    std::shared_ptr<spdlog::logger> out = [] {
        auto logger = std::make_shared<spdlog::logger>("angod", std::make_shared<spdlog::sinks::stderr_sink_mt>());
        logger->set_pattern("%v");
        logger->set_level(spdlog::level::trace);
        logger->flush_on(spdlog::level::trace);
        return logger;
    }();
};

State &state() {
    static State the_state;
    return the_state;
}

std::string render(const Line &line, bool json) {
    if (json)
        return fmt::format(R"({{"time":"{}","level":"{}",{}"msg":{}}})", iso_time(line.time_ms), name_of(line.level),
                           line.json_fields, json::quote(line.text));
    std::string text = line.text; // one event stays one line
    for (char &c : text)
        if (c == '\n' || c == '\r') c = ' ';
    return fmt::format("{} {:<7} {}{}", iso_time(line.time_ms), name_of(line.level), text,
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
    s.out->info(render(line, s.json));
    if (s.keeps_tail) keep(s.tail, line);
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

void Log::flush() {
    bool configured = false;
    {
        const std::lock_guard lock(state().mutex);
        configured = state().configured;
    }
    if (!configured) configure("info", false);
}

LogTail &log_tail() {
    State &s = state();
    const std::lock_guard lock(s.mutex);
    s.keeps_tail = true;
    return s.tail;
}

} // namespace angod
