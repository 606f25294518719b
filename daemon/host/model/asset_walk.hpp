// Walks through the assets of a project while the project changes: none is left out, none comes twice.
//
// Hub lists the newest asset first, so new ones push all others to later places, and deleted ones pull them forward.
// The walk goes from the oldest to the newest: the place from the end stays the same when assets are added, and those
// are met last. Every page it asks for also shows the asset that was done last, which tells whether the places are
// still what they were; the size of the page is chosen for that. So it needs no memory of what it has seen, and goes on
// after a restart from a few ids.
#pragma once

#include "base/json.hpp"
#include "base/result.hpp"

#include <cstdint>
#include <deque>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace angod::host {

/// An asset as Hub lists it.
struct ListedAsset {
    std::string id, external_id, data;
    std::vector<std::string> tasks; ///< ids
    std::string record;             ///< all of it, JSON
};

struct AssetPage {
    std::vector<ListedAsset> assets; ///< newest first
    std::uint64_t total = 0;         ///< in the project
};

/// data.assets and data.total of Hub's answer. Pure.
Result<AssetPage> read_asset_page(const json::Value &answer);

/// One thread.
class AssetWalk {
public:
    /// A page of at most so many assets; pages are counted from 1.
    using Fetch = std::function<Result<AssetPage>(std::uint64_t page, std::uint64_t limit)>;
    /// Where it is.
    struct Place {
        std::uint64_t done = 0;       ///< assets from the end
        std::deque<std::string> last; ///< ids of those that were done last, the latest first
    };
    static constexpr std::uint64_t kMostOfPage = 100;
    static constexpr std::size_t kMarks = 20;

    explicit AssetWalk(Fetch fetch, Place place) : fetch_(std::move(fetch)), place_(std::move(place)) {}

    /// The assets after those that are done, in the order in which they are to be done; none: that was all.
    Result<std::vector<ListedAsset>> next();
    /// Of those that next gave, in their order.
    void done(const ListedAsset &asset);

    const Place &place() const { return place_; }
    /// Assets in the project, as of the last page.
    std::uint64_t total() const { return total_; }

private:
    std::optional<std::vector<ListedAsset>> after_done(AssetPage &page, std::uint64_t first);
    std::optional<std::size_t> latest_mark(const AssetPage &page) const;
    Result<void> find_place();

    Fetch fetch_;
    Place place_;
    std::uint64_t total_ = 0;
};

/// The page that shows place i (from 0, the newest) with as many as possible before it and, if behind is set, the one
/// behind it. Pure.
struct PageChoice {
    std::uint64_t page = 1, limit = AssetWalk::kMostOfPage;
};
PageChoice choose_page(std::uint64_t i, bool behind);

} // namespace angod::host
