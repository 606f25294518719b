// How far a run is, in words for its user: seldom enough to be read, and with a time to go once that means something.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

namespace angod::hub {

/// 1234567 → "1,234,567".
std::string grouped(std::uint64_t number);

/// One attempt of a run. The numbers are the module's and may do anything: grow, fall, stand still, change their total.
class Progress {
public:
    using Clock = std::chrono::steady_clock;

    explicit Progress(Clock::time_point start) : start_(start), next_(start + kFirst) {}

    /// total 0: not known. The line to show, if it is time for one: "12,300 of 100,000 done (12 %), about 3 min to go".
    std::optional<std::string> report(std::uint64_t done, std::uint64_t total, Clock::time_point now);

    /// The last word, if there were others: "100,000 of 100,000 done in 4 min".
    std::optional<std::string> end(bool succeeded, Clock::time_point now) const;

private:
    static constexpr std::chrono::seconds kFirst{5}, kSlowest{30};
    /// Of a run's speed only what was last counts: between one and two of these.
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
    Point older_, newer_;        ///< speed is measured from the older one
    bool shown_ = false;
};

} // namespace angod::hub
