#include "host/job/known_assets.hpp"

#include <algorithm>

namespace angod::host {

std::optional<KnownAsset> KnownAssets::find(const std::string &who, Clock::time_point now) const {
    const std::lock_guard lock(mutex_);
    const auto found = std::find_if(entries_.begin(), entries_.end(), [&](const Entry &one) { return one.who == who; });
    if (found == entries_.end() || found->until < now) return std::nullopt;
    return found->asset;
}

void KnownAssets::keep(std::string who, KnownAsset asset, Clock::time_point now) {
    if (asset.data.size() + asset.external_id.size() + asset.record.size() > kMaxBytes) return;
    const std::lock_guard lock(mutex_);
    std::erase_if(entries_, [&](const Entry &one) { return one.who == who || one.until < now; });
    if (entries_.size() == kMost) entries_.pop_front();
    entries_.push_back({std::move(who), std::move(asset), now + kKept});
}

} // namespace angod::host
