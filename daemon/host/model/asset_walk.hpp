// Visits each asset of a project exactly once while the project changes.
//
// Hub lists the newest asset first. A new asset moves all others to later places, and a deletion moves them forward.
// The walk goes from the oldest asset to the newest, because places counted from the end do not change when assets are
// added; new assets are visited last. Each page that the walk requests also shows the asset that was done last; the
// size of the page is chosen for that. This asset shows whether the places have changed. So the walk needs no memory of
// visited assets, and a few ids are enough to continue after a restart.
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
    std::string record;             ///< the whole asset as JSON
};

struct AssetPage {
    std::vector<ListedAsset> assets; ///< newest first
    std::uint64_t total = 0;         ///< in the project
};

/// Reads data.assets and data.total of Hub's answer. Pure.
Result<AssetPage> read_asset_page(const json::Value &answer);

/// One thread.
class AssetWalk {
public:
    /// Returns a page of at most `limit` assets; pages count from 1.
    using Fetch = std::function<Result<AssetPage>(std::uint64_t page, std::uint64_t limit)>;
    /// The position of the walk.
    struct Place {
        std::uint64_t done = 0;       ///< number of assets done, from the end of the list
        std::deque<std::string> last; ///< ids of the assets that were done last, the latest first
    };
    static constexpr std::uint64_t kMostOfPage = 100;
    static constexpr std::size_t kMarks = 20;

    explicit AssetWalk(Fetch fetch, Place place) : fetch_(std::move(fetch)), place_(std::move(place)) {}

    /// Returns the next assets in the order of the walk; none at the end.
    Result<std::vector<ListedAsset>> next();
    /// Says that an asset of next() is done; call it in the same order.
    void done(const ListedAsset &asset);

    const Place &place() const { return place_; }
    /// The number of assets in the project, by the last page.
    std::uint64_t total() const { return total_; }

private:
    std::optional<std::vector<ListedAsset>> after_done(AssetPage &page, std::uint64_t first);
    std::optional<std::size_t> latest_mark(const AssetPage &page) const;
    Result<void> find_place();

    Fetch fetch_;
    Place place_;
    std::uint64_t total_ = 0;
};

/// The page that shows place i (from 0, the newest), as many places as possible before it, and, if `behind` is set, the
/// place behind it. Pure.
struct PageChoice {
    std::uint64_t page = 1, limit = AssetWalk::kMostOfPage;
};
PageChoice choose_page(std::uint64_t i, bool behind);

} // namespace angod::host
