#include "app/recording.hpp"

#include <fmt/format.h>

namespace angod::app {

namespace {

/// Anonymising a longer message would hold up the event loop.
constexpr std::size_t kLongestMessage = 256 * 1024;
constexpr std::size_t kMostMessages = 1'000, kMostBytes = std::size_t{4} << 20;

std::string content(Anonymiser &anonymiser, std::string_view text) {
    if (text.size() > kLongestMessage) return json::quote(fmt::format("{} bytes, which is too long", text.size()));
    return anonymiser.message(text);
}

} // namespace

void Recording::begin(Time now) {
    *this = Recording();
    began_ = now;
    until_ = now + kLongest;
}

void Recording::event(Time now, std::string_view payload) {
    if (!is_on(now)) return;
    add(now, fmt::format(R"("event":"plugin","payload":{})", content(anonymiser_, payload)));
}

void Recording::answer(Time now, std::string_view method, std::string_view target, std::uint64_t status,
                       std::string_view body) {
    if (!is_on(now)) return;
    add(now, fmt::format(R"("call":{},"status":{},"body":{})",
                         json::quote(fmt::format("{} {}", method, anonymiser_.path(target))), status,
                         content(anonymiser_, body)));
}

void Recording::add(Time now, std::string entry) {
    if (messages_.size() >= kMostMessages || bytes_ + entry.size() > kMostBytes) {
        ++left_out_;
        return;
    }
    const auto at = std::chrono::duration_cast<std::chrono::milliseconds>(now - began_);
    messages_.push_back(fmt::format(R"({{"at_ms":{},{}}})", at.count(), entry));
    bytes_ += messages_.back().size();
}

admin::RecordingView Recording::view(Time now) const { return {is_on(now), left_out_, messages_}; }

} // namespace angod::app
