// Durations, counted by upper bounds.
#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>

namespace angod {

class Histogram {
public:
    /// In seconds. Longer durations are counted as well.
    static constexpr std::array<double, 8> kBounds{0.01, 0.1, 1, 10, 60, 600, 3600, 36000};

    void add(std::chrono::duration<double> time) {
        std::size_t at = 0;
        while (at < kBounds.size() && time.count() > kBounds[at]) ++at;
        ++counts_[at];
        sum_ += time.count();
    }
    /// The number of durations up to kBounds[at]; for at == kBounds.size(): all.
    std::uint64_t up_to(std::size_t at) const {
        std::uint64_t count = 0;
        for (std::size_t i = 0; i <= at; ++i) count += counts_[i];
        return count;
    }
    std::uint64_t count() const { return up_to(kBounds.size()); }
    /// Seconds.
    double sum() const { return sum_; }

private:
    std::array<std::uint64_t, kBounds.size() + 1> counts_{};
    double sum_ = 0;
};

} // namespace angod
