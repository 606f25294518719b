// Two ways to search. By time: read pages of the newest assets until one is older than `from`. It fails, and the search
// changes to names, if an asset has no time, if the times are not in order, or if there are too many pages. By name:
// ask for each name of the chunk. It fails if this Hub ignores the filter. The list may shift while it is read: assets are counted
// once by their id, and after a deletion, which may have moved an asset to a page that was read already, the list is read again.
#include "host/import/import_search.hpp"

#include "host/hub/list_round.hpp"
#include "host/import/asset_list.hpp"

#include <algorithm>
#include <string_view>
#include <unordered_set>

namespace angod::host {

namespace {

constexpr int kMaxRounds = 5;         // of a list that changes meanwhile
constexpr unsigned kMaxPages = 2'000; // of the list; no project gets so many assets within seconds

bool reached(const ImportChunk::Counts &counts, const ImportChunk::Counts &enough) {
    return std::equal(counts.begin(), counts.end(), enough.begin(), enough.end(), std::greater_equal<>());
}

} // namespace

Result<std::optional<ImportSearch::Found>> ImportSearch::count(const ImportChunk &chunk,
                                                               std::optional<std::int64_t> from, const Counts *enough,
                                                               std::vector<std::uint64_t> *all) {
    if (method_ != Method::by_name) {
        auto found = count_by_time(chunk, from, enough, all);
        if (!found || *found) return found;
        method_ = Method::by_name;
    }
    return count_by_name(chunk, from);
}

Result<std::optional<ImportSearch::Found>> ImportSearch::count_by_time(const ImportChunk &chunk,
                                                                       std::optional<std::int64_t> from,
                                                                       const Counts *enough,
                                                                       std::vector<std::uint64_t> *all) {
    for (int round = 0; round < kMaxRounds; ++round) {
        if (all) all->clear();
        bool missed = false;
        auto found = read_by_time(chunk, from, enough, all, missed);
        if (!found || !missed) return found;
    }
    return error(Code::remote,
                 "Hub's list of the project's assets does not name all assets that it counts, so nobody knows which "
                 "assets of this import it has. Run the plugin again when nobody adds or deletes assets.");
}

/// missed: an asset may have been missed, because the list changed while it was read; then there is no result.
Result<std::optional<ImportSearch::Found>> ImportSearch::read_by_time(const ImportChunk &chunk,
                                                                      std::optional<std::int64_t> from,
                                                                      const Counts *enough,
                                                                      std::vector<std::uint64_t> *all, bool &missed) {
    Found found{chunk.none(), from};
    ListRound list;
    std::optional<std::int64_t> last;
    for (unsigned number = 1; number <= kMaxPages; ++number) {
        const auto page = read_asset_list(hub_, project_, "{}", number);
        if (!page) return page.error();
        if (!found.from) {
            if (!hub_.server_time()) return std::optional<Found>();
            found.from = *hub_.server_time() - kClockMargin;
        }
        bool old = false;
        for (const AssetRecord &record : page->records) {
            if (!record.created_at || record.id.empty()) return std::optional<Found>();
            if (!list.entry(record.id)) continue;
            if (last && *record.created_at > *last) return std::optional<Found>();
            last = record.created_at;
            if (*record.created_at < *found.from) {
                old = true;
                continue;
            }
            const std::uint64_t print = fingerprint(record.external_id, record.data);
            if (all) all->push_back(print);
            if (const auto kind = chunk.kind_of(print)) ++found.counts[*kind];
        }
        if (last) method_ = Method::by_time;
        const bool at_end = list.page_ends(page->total);
        const bool enough_found = old || (enough && reached(found.counts, *enough));
        missed = list.shrunk() || (at_end && !enough_found && !list.complete());
        if (missed) return std::optional<Found>();
        if (at_end || enough_found) return std::optional(std::move(found));
    }
    return std::optional<Found>();
}

Result<std::optional<ImportSearch::Found>> ImportSearch::count_by_name(const ImportChunk &chunk,
                                                                       std::optional<std::int64_t> from) {
    Found found{chunk.none(), from};
    std::unordered_set<std::string> seen;
    std::vector<std::string_view> names;
    for (const NewAsset &asset : chunk.assets()) names.push_back(asset.external_id);
    const auto known = each_asset_named(hub_, project_, names, [&](const AssetRecord &record) {
        if (!record.id.empty() && !seen.emplace(record.id).second) return;
        if (from && record.created_at && *record.created_at < *from) return;
        if (const auto kind = chunk.kind_of(fingerprint(record.external_id, record.data))) ++found.counts[*kind];
    });
    if (!known) return known.error();
    return *known ? std::optional(std::move(found)) : std::nullopt;
}

} // namespace angod::host
