// The progress of a run as log lines for its user: few enough to be read, with an estimate of the remaining time as soon as
// there is a sound one.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

namespace angod::hub {

/// The progress of one attempt of a run. The numbers come from the module: they may grow, fall, stand still or change their
/// total.
class Progress {
public:
    using Clock = std::chrono::steady_clock;

    explicit Progress(Clock::time_point start) : start_(start), next_(start + kFirst) {}

    /// Returns a line if it is time for one: "12,300 of 100,000 done (12 %), about 3 min to go". total 0: not known.
    std::optional<std::string> report(std::uint64_t done, std::uint64_t total, Clock::time_point now);

    /// The last line, if there were lines before: "100,000 of 100,000 done in 4 min".
    std::optional<std::string> end(bool succeeded, Clock::time_point now) const;

private:
    static constexpr std::chrono::seconds kFirst{5}, kSlowest{30};
    /// The speed is measured over the last one to two windows.
    static constexpr std::chrono::seconds kWindow{60};

    struct Point {
        Clock::time_point at;
        std::uint64_t done = 0;
    };
    void follow(std::uint64_t done, Clock::time_point now);
    std::string counts() const;
    std::string to_go(Clock::time_point now) const;

    Clock::time_point start_, next_;
    std::uint64_t done_ = 0, total_ = 0;
    std::optional<Point> first_; ///< since the numbers last went backwards
    Point older_, newer_;        ///< the speed is measured from the older one
    bool shown_ = false;
};

} // namespace angod::hub
