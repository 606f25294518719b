#include "base/log_tail.hpp"

#include "base/clock.hpp"
#include "base/json.hpp"
#include "base/plural.hpp"

namespace angod {

namespace {

constexpr LogLevel kLevels[] = {LogLevel::debug, LogLevel::info, LogLevel::warning, LogLevel::error};

/// A member as it stands in a line; empty if any value matches. It cannot be found inside a text, where quotes are escaped.
std::string field(std::string_view name, const std::string &value) {
    return value.empty() ? "" : fmt::format(R"("{}":{},)", name, json::quote(value));
}

std::string line_of_gap(std::uint64_t left_out) {
    return fmt::format(
        R"({{"time":"{}","level":"warning","left_out":{},"msg":"{} line{} {} left out: they came faster than )"
        R"(they were read"}})",
        iso_time(now_ms()), left_out, left_out, plural(left_out), plural(left_out, "was", "were"));
}

} // namespace

std::string_view name_of(LogLevel level) {
    switch (level) {
        case LogLevel::debug: return "debug";
        case LogLevel::info: return "info";
        case LogLevel::warning: return "warning";
        default: return "error";
    }
}

std::optional<LogLevel> log_level_of(std::string_view name) {
    if (name == "warn") return LogLevel::warning; // as many programs call it
    for (const LogLevel level : kLevels)
        if (name_of(level) == name) return level;
    return std::nullopt;
}

LogTail::Wanted::Wanted(const LogFilter &filter)
    : level(filter.level), plugin(field("plugin", filter.plugin)), job(field("job", filter.job)) {}

bool LogTail::Wanted::operator()(const Line &line) const {
    return line.level >= level && line.json.find(plugin) != std::string::npos &&
           line.json.find(job) != std::string::npos;
}

void LogTail::drop_oldest() {
    const Line &oldest = lines_.front();
    for (Reader *reader : readers_)
        if (reader->next_ == first_) {
            ++reader->next_;
            reader->left_out_ += reader->is_wanted_(oldest);
        }
    bytes_ -= oldest.json.size();
    lines_.pop_front();
    ++first_;
}

void LogTail::add(LogLevel level, std::string json) {
    const std::lock_guard lock(mutex_);
    if (json.size() > kBytes) return; // only absurdly long fields could make it so long
    while (lines_.size() >= kLines || bytes_ + json.size() > kBytes) drop_oldest();
    bytes_ += json.size();
    lines_.push_back({level, std::move(json)});
    for (Reader *reader : readers_)
        if (reader->waiting_ && reader->is_wanted_(lines_.back())) {
            reader->waiting_ = false;
            reader->wake_();
        }
}

std::string LogTail::lines(const LogFilter &filter) const {
    const Wanted is_wanted(filter);
    const std::lock_guard lock(mutex_);
    std::string out;
    for (const Line &line : lines_)
        if (is_wanted(line)) out += line.json + '\n';
    return out;
}

LogTail::Reader::Reader(LogTail &tail, const LogFilter &filter, std::function<void()> wake)
    : tail_(tail), is_wanted_(filter), wake_(std::move(wake)) {
    const std::lock_guard lock(tail_.mutex_);
    next_ = tail_.first_;
    tail_.readers_.insert(this);
}

LogTail::Reader::~Reader() {
    const std::lock_guard lock(tail_.mutex_);
    tail_.readers_.erase(this);
}

std::string LogTail::Reader::next(std::size_t bytes) {
    const std::lock_guard lock(tail_.mutex_);
    std::string out;
    if (left_out_ > 0) out = line_of_gap(std::exchange(left_out_, 0)) + '\n';
    for (; next_ - tail_.first_ < tail_.lines_.size() && out.size() < bytes; ++next_) {
        const Line &line = tail_.lines_[next_ - tail_.first_];
        if (is_wanted_(line)) out += line.json + '\n';
    }
    waiting_ = out.empty();
    return out;
}

} // namespace angod
