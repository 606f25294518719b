#include "app/attempt_record.hpp"

#include "base/utf8.hpp"

#include <fmt/format.h>

#include <utility>

namespace angod::app {

namespace {

constexpr std::string_view name_of(hub::LogLevel level) {
    switch (level) {
        case hub::LogLevel::debug: return "debug";
        case hub::LogLevel::info: return "info";
        case hub::LogLevel::warning: return "warning";
        case hub::LogLevel::error: return "error";
    }
    return "";
}

} // namespace

void LastLines::add(hub::LogLevel level, std::string_view text) {
    std::string line = fmt::format("{}: {}", name_of(level), beginning_of(text, kLongestLine));
    for (char &c : line)
        if (static_cast<unsigned char>(c) < ' ') c = ' ';
    bytes_ += line.size() + 1;
    lines_.push_back(std::move(line));
    while (lines_.size() > kMostLines || bytes_ > kMostBytes) {
        bytes_ -= lines_.front().size() + 1;
        lines_.pop_front();
    }
}

std::string LastLines::text() const {
    std::string out;
    for (const std::string &line : lines_) out += (out.empty() ? "" : "\n") + line;
    return out;
}

void AttemptRecord::begin(std::uint64_t generation, std::string version, std::int64_t pid) {
    attempt_.started_ms = now_ms();
    started_ = Clock::now();
    attempt_.generation = generation;
    attempt_.version = std::move(version);
    attempt_.host_pid = pid;
}

void AttemptRecord::ends(jobs::AttemptEnd end, std::string reason) {
    if (attempt_.end != jobs::AttemptEnd::running) return;
    attempt_.end = end;
    attempt_.reason = std::move(reason);
}

bool AttemptRecord::becomes_long(Clock::duration after) {
    if (is_long_ || !has_begun() || attempt_.end != jobs::AttemptEnd::running || age() < after) return false;
    is_long_ = true;
    return true;
}

std::int64_t AttemptRecord::duration_ms() const {
    return std::chrono::duration_cast<std::chrono::milliseconds>(age()).count();
}

jobs::AttemptPtr AttemptRecord::take() const {
    if (!has_begun()) return nullptr;
    auto attempt = std::make_shared<jobs::Attempt>(attempt_);
    if (attempt->end != jobs::AttemptEnd::running) attempt->duration_ms = duration_ms();
    attempt->log = log_.text();
    return attempt;
}

} // namespace angod::app
