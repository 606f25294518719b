#include "base/log.hpp"

#include "base/clock.hpp"
#include "base/json.hpp"
#include "base/redact.hpp"

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

constexpr std::string_view name_of(LogLevel level) {
    switch (level) {
        case LogLevel::debug: return "debug";
        case LogLevel::info: return "info";
        case LogLevel::warning: return "warning";
        default: return "error";
    }
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
    else if (level >= s.level)
        s.out->info(render(line, s.json));
}

bool Log::enabled(LogLevel level) {
    State &s = state();
    const std::lock_guard lock(s.mutex);
    return !s.configured || level >= s.level;
}

void Log::configure(std::string_view level, bool json) {
    State &s = state();
    const std::lock_guard lock(s.mutex);
    for (const LogLevel l : {LogLevel::debug, LogLevel::info, LogLevel::warning, LogLevel::error})
        if (name_of(l) == level) s.level = l;
    s.json = json;
    s.configured = true;
    for (const Line &line : s.held)
        if (line.level >= s.level) s.out->info(render(line, json));
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

} // namespace angod
