// Assets that Hub has described lately. A user who works on an asset runs a plugin on it again and again, and Hub allows
// only so many calls a minute.
#pragma once

#include <chrono>
#include <cstddef>
#include <deque>
#include <mutex>
#include <optional>
#include <string>

namespace angod::host {

struct KnownAsset {
    std::string data, external_id;
    std::string record; ///< the whole asset as JSON
};

/// One for each process. Thread-safe.
class KnownAssets {
public:
    using Clock = std::chrono::steady_clock;
    static constexpr std::size_t kMost = 64;
    static constexpr std::size_t kMaxBytes = 64 * 1024; ///< of one asset; larger ones are not kept
    static constexpr std::chrono::seconds kKept{60};

    /// who: everything that decides what Hub answers, such as the asset and the user.
    std::optional<KnownAsset> find(const std::string &who, Clock::time_point now) const;
    /// The oldest asset gives way to a new one.
    void keep(std::string who, KnownAsset asset, Clock::time_point now);

private:
    struct Entry {
        std::string who;
        KnownAsset asset;
        Clock::time_point until;
    };
    mutable std::mutex mutex_;
    std::deque<Entry> entries_; ///< the oldest first
};

} // namespace angod::host
