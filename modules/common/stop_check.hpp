// A long computation asks from time to time whether it should end.
#pragma once

#include <cstdint>
#include <functional>

namespace ango::common {

/// Throws to end the computation, as stop_if_cancelled does. Empty: nothing ends it.
using StopCheck = std::function<void()>;

/// Counts steps of a few nanoseconds, and calls the check often enough for a job that is cancelled to stop at once.
class StepCounter {
public:
    /// The check must outlive this.
    explicit StepCounter(const StopCheck &check) : check_(check) {}

    void add(std::uint64_t steps) {
        steps_ += steps;
        if (steps_ < kBetweenChecks) return;
        steps_ = 0;
        if (check_) check_();
    }

private:
    static constexpr std::uint64_t kBetweenChecks = 100'000;

    const StopCheck &check_;
    std::uint64_t steps_ = 0;
};

} // namespace ango::common
