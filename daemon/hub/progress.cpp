#include "hub/progress.hpp"

#include "base/grouped.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace angod::hub {

namespace {

using namespace std::chrono_literals;
using Seconds = std::chrono::duration<double>;

/// An estimate needs the least time and the least share of the whole, or the long time alone.
constexpr auto kLeastTime = 5s, kLongTime = 60s;
constexpr double kLeastShare = 0.02;
constexpr Seconds kLongestEstimate = 99h;

/// "40 s", "4 min", "2 h 10 min".
std::string in_words(Seconds time) {
    const auto seconds = static_cast<std::int64_t>(time.count() + 0.5);
    if (seconds < 60) return fmt::format("{} s", std::max<std::int64_t>(seconds, 1));
    const std::int64_t minutes = (seconds + 30) / 60;
    if (minutes < 60) return fmt::format("{} min", minutes);
    if (minutes % 60 == 0) return fmt::format("{} h", minutes / 60);
    return fmt::format("{} h {} min", minutes / 60, minutes % 60);
}

/// Rounded to the precision that an estimate has.
Seconds rounded(Seconds time) {
    const auto up_to = [time](double step) {
        return Seconds(static_cast<double>(static_cast<std::int64_t>(time.count() / step + 0.5)) * step);
    };
    if (time < 55s) return std::max(up_to(10), Seconds(10));
    if (time < 1h) return up_to(60);
    return up_to(600);
}

} // namespace

std::optional<std::string> Progress::report(std::uint64_t done, std::uint64_t total, Clock::time_point now) {
    follow(done, now);
    done_ = done;
    total_ = total;
    if (now < next_) return std::nullopt;
    next_ = now + std::clamp<Clock::duration>((now - start_) / 12, kFirst, kSlowest);
    shown_ = true;
    return counts() + to_go(now);
}

std::optional<std::string> Progress::end(bool succeeded, Clock::time_point now) const {
    if (!shown_) return std::nullopt;
    const std::string took = in_words(now - start_);
    if (!succeeded) return fmt::format("ended after {} with {}", took, counts());
    if (done_ != total_) return fmt::format("{} done in {}", grouped(done_), took);
    return fmt::format("{} of {} done in {}", grouped(done_), grouped(total_), took);
}

void Progress::follow(std::uint64_t done, Clock::time_point now) {
    if (!first_ || done < done_) {
        first_ = older_ = newer_ = {now, done};
    } else if (now - newer_.at >= kWindow) {
        older_ = newer_;
        newer_ = {now, done};
    }
}

std::string Progress::counts() const {
    if (total_ == 0 || done_ > total_) return fmt::format("{} done", grouped(done_));
    const double share = static_cast<double>(done_) / static_cast<double>(total_);
    const int percent = done_ == total_ ? 100 : std::min(static_cast<int>(share * 100), 99);
    return fmt::format("{} of {} done ({} %)", grouped(done_), grouped(total_), percent);
}

std::string Progress::to_go(Clock::time_point now) const {
    if (total_ == 0 || done_ >= total_ || done_ <= older_.done) return "";
    const Seconds known = now - first_->at, measured = now - older_.at;
    const auto moved = static_cast<double>(done_ - first_->done);
    const bool enough = known >= kLongTime || moved >= kLeastShare * static_cast<double>(total_);
    if (known < kLeastTime || !enough) return "";
    const Seconds left = measured / static_cast<double>(done_ - older_.done) * static_cast<double>(total_ - done_);
    if (left > kLongestEstimate) return "";
    return left < 5s ? ", a few seconds to go" : fmt::format(", about {} to go", in_words(rounded(left)));
}

} // namespace angod::hub
