// Fingerprints of the assets that a project received in the last seconds. Job thread.
#pragma once

#include <cstdint>
#include <deque>
#include <unordered_map>
#include <utility>
#include <vector>

namespace angod::host {

class RecentAssets {
public:
    /// Adds the fingerprints of assets that existed at a time. Times must not decrease.
    void add(std::int64_t time, std::vector<std::uint64_t> prints) {
        for (const std::uint64_t print : prints) ++count_[print];
        chunks_.emplace_back(time, std::move(prints));
    }
    void forget_before(std::int64_t time) {
        while (!chunks_.empty() && chunks_.front().first < time) {
            for (const std::uint64_t print : chunks_.front().second)
                if (const auto it = count_.find(print); --it->second == 0) count_.erase(it);
            chunks_.pop_front();
        }
    }
    bool contains(std::uint64_t print) const { return count_.contains(print); }

private:
    std::deque<std::pair<std::int64_t, std::vector<std::uint64_t>>> chunks_;
    std::unordered_map<std::uint64_t, std::size_t> count_;
};

} // namespace angod::host
