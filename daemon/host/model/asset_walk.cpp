#include "host/model/asset_walk.hpp"

#include <algorithm>

namespace angod::host {

namespace {

constexpr int kMostLooks = 20; // requests in search of the next assets
/// Smaller pages would cost more requests than they save.
constexpr std::uint64_t kLeastOfPage = 50;

} // namespace

Result<AssetPage> read_asset_page(const json::Value &answer) {
    const json::Value *data = json::find(answer, "data");
    const json::Value *list = data ? json::find(*data, "assets") : nullptr;
    const json::Value *total = data ? json::find(*data, "total") : nullptr;
    if (!list || !list->IsArray() || !total || !total->IsUint64())
        return error(Code::protocol, "Hub's list of the project's assets has no data.assets and data.total.");
    AssetPage page;
    page.total = total->GetUint64();
    if (list->Size() > page.total)
        return error(Code::protocol, "Hub's list of the project's assets names more assets than it counts.");
    for (const json::Value &asset : list->GetArray()) {
        ListedAsset out{json::text_or(asset, "_id", ""),
                        json::text_or(asset, "externalId", ""),
                        json::text_or(asset, "data", ""),
                        {},
                        json::to_text(asset)};
        if (out.id.empty())
            return error(Code::protocol, "Hub's list of the project's assets has an asset without an _id.");
        if (const auto *tasks = json::find(asset, "labelTasks"); tasks && tasks->IsArray())
            for (const json::Value &task : tasks->GetArray())
                if (std::string id = task.IsString() ? std::string(json::view(task)) : json::text_or(task, "_id", "");
                    !id.empty())
                    out.tasks.push_back(std::move(id));
        page.assets.push_back(std::move(out));
    }
    return page;
}

PageChoice choose_page(std::uint64_t i, bool behind) {
    PageChoice best{i / AssetWalk::kMostOfPage + 1, AssetWalk::kMostOfPage};
    if (!behind) return best;
    std::uint64_t most = 0;
    for (std::uint64_t limit = AssetWalk::kMostOfPage; limit >= kLeastOfPage; --limit) {
        // Place i and the place behind it are on one page unless the second begins the next page.
        const std::uint64_t usable = (i + 1) % limit;
        if (usable <= most) continue;
        most = usable;
        best = {i / limit + 1, limit};
    }
    return best;
}

Result<std::vector<ListedAsset>> AssetWalk::next() {
    for (int look = 0; look < kMostLooks; ++look) {
        // If all known assets are done, look at the newest page again, because new assets may have come.
        const bool at_end = place_.done >= total_;
        const PageChoice choice = at_end ? PageChoice{} : choose_page(total_ - 1 - place_.done, !place_.last.empty());
        const std::uint64_t expected_total = total_;
        auto page = fetch_(choice.page, choice.limit);
        if (!page) return page.error();
        total_ = page->total;
        if (total_ == 0) return std::vector<ListedAsset>();
        const std::uint64_t first = (choice.page - 1) * choice.limit;
        auto found = after_done(*page, first);
        if (found && (!found->empty() || first == 0)) return std::move(*found);
        // The page shows no known asset: it was chosen by an outdated total, or assets were deleted.
        if (!found && total_ == expected_total)
            if (const auto placed = find_place(); !placed) return placed.error();
    }
    return error(Code::remote, "The assets of the project change faster than they can be read. Run the plugin again "
                               "when no assets are being added or deleted.");
}

/// Returns the assets of the page that are not done, oldest first; nothing if the page does not show where they begin.
std::optional<std::vector<ListedAsset>> AssetWalk::after_done(AssetPage &page, std::uint64_t first) {
    auto &assets = page.assets;
    std::size_t count = assets.size();
    if (!place_.last.empty()) {
        const auto mark = latest_mark(page);
        if (!mark) return std::nullopt;
        count = *mark;
        place_.done = total_ - std::min(total_, first + count);
    } else if (first + count < total_) {
        return std::nullopt;
    }
    assets.resize(count);
    std::reverse(assets.begin(), assets.end());
    return std::optional(std::move(assets));
}

/// The place on the page of the latest asset that is done and still exists.
std::optional<std::size_t> AssetWalk::latest_mark(const AssetPage &page) const {
    for (const std::string &id : place_.last)
        for (std::size_t k = 0; k < page.assets.size(); ++k)
            if (page.assets[k].id == id) return k;
    return std::nullopt;
}

/// Searches the pages around the expected place, with growing distance.
Result<void> AssetWalk::find_place() {
    const std::uint64_t pages = (total_ + kMostOfPage - 1) / kMostOfPage;
    const std::uint64_t around = place_.done >= total_ ? 1 : (total_ - place_.done) / kMostOfPage + 1;
    const auto look = [&](std::uint64_t number) -> Result<bool> {
        const auto page = fetch_(number, kMostOfPage);
        if (!page) return page.error();
        total_ = page->total;
        const auto mark = latest_mark(*page);
        if (mark) place_.done = total_ - std::min(total_, (number - 1) * kMostOfPage + *mark);
        return mark.has_value();
    };
    for (std::uint64_t away = 0; away < pages; ++away)
        for (const std::uint64_t number : {around + away, around - away}) {
            if (number < 1 || number > pages || (away == 0 && number != around))
                continue; // around - away may be below zero and wrap
            const auto found = look(number);
            if (!found) return found.error();
            if (*found) return {};
        }
    return error(Code::remote,
                 "Assets were deleted from the project while the plugin ran, among them all assets that it "
                 "labelled last, so it cannot find the place to continue. The labels so far are kept; "
                 "label the other assets in a batch of their own.");
}

void AssetWalk::done(const ListedAsset &asset) {
    ++place_.done;
    place_.last.push_front(asset.id);
    if (place_.last.size() > kMarks) place_.last.pop_back();
}

} // namespace angod::host
