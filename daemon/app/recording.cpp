#include "app/recording.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace angod::app {

namespace {

/// Anonymising a longer message would hold up the event loop.
constexpr std::size_t kLongestMessage = 256 * 1024;

} // namespace

void Recording::begin(Time now) {
    *this = Recording();
    began_ = now;
    until_ = now + kLongest;
}

void Recording::end() {
    until_ = {};
    anonymiser_ = {};
}

void Recording::event(Time now, std::string_view payload) {
    if (!is_on(now) || !has_room()) return;
    add(now, fmt::format(R"("event":"plugin","payload":{})", content(payload, payload.size())));
}

void Recording::answer(Time now, const host_protocol::Heard &heard) {
    if (!is_on(now) || !has_room()) return;
    const std::string call = fmt::format("{} {}", heard.method, anonymiser_.path(heard.target));
    add(now, fmt::format(R"("call":{},"status":{},"body":{})", json::quote(call), heard.status,
                         content(heard.body, heard.size)));
}

std::string Recording::content(std::string_view text, std::uint64_t size) {
    if (size > kLongestMessage) return json::quote(fmt::format("{} bytes, which is too long", size));
    return anonymiser_.message(text);
}

bool Recording::has_room() {
    const bool room = messages_.size() < kMostMessages && bytes_ < kMostBytes;
    if (!room) ++left_out_;
    return room;
}

void Recording::add(Time now, std::string entry) {
    const auto at = std::chrono::duration_cast<std::chrono::milliseconds>(now - began_);
    messages_.push_back(fmt::format(R"({{"at_ms":{},{}}})", at.count(), entry));
    bytes_ += messages_.back().size();
}

admin::RecordingView Recording::view(Time now, std::size_t since) const {
    const auto first = messages_.begin() + static_cast<std::ptrdiff_t>(std::min(since, messages_.size()));
    return {is_on(now), left_out_, {first, messages_.end()}};
}

} // namespace angod::app
