// Hub's list may change while it is read: a deletion moves the assets behind it to earlier places, where the reader has
// been already. The list is complete when it has shown as many different assets as Hub counts; otherwise it is read again.
#include "host/import/known_names.hpp"

#include "host/import/asset_list.hpp"

namespace angod::host {

namespace {

constexpr int kMaxRounds = 5;

} // namespace

Result<std::set<std::string, std::less<>>> KnownNames::among(const std::vector<std::string_view> &names) {
    if (!pages_) {
        const auto first = read_asset_list(hub_, project_, "{}", 1);
        if (!first) return first.error();
        if (!first->total)
            return error(Code::protocol, "Hub's list of the project's assets does not say how many there are.");
        pages_ = (*first->total + kAssetPage - 1) / kAssetPage;
    }
    if (!listed_ && asked_ + names.size() > *pages_)
        if (const auto read = read_list(); !read) return read.error();
    std::set<std::string, std::less<>> out;
    if (listed_) {
        for (const std::string_view name : names)
            if (listed_->contains(name)) out.emplace(name);
        return out;
    }
    asked_ += names.size();
    const auto known =
        each_asset_named(hub_, project_, names, [&](const AssetRecord &record) { out.emplace(record.external_id); });
    if (!known) return known.error();
    if (*known) return out;
    pages_ = 0; // this Hub does not answer by name: read the list
    return among(names);
}

Result<void> KnownNames::read_list() {
    listed_.emplace();
    HashSet ids;
    for (int round = 0; round < kMaxRounds; ++round) {
        const auto total = read_round(ids);
        if (!total) return total.error();
        if (ids.size() >= *total) return {};
    }
    return error(Code::remote, "The project changes faster than Hub lists its assets, so the option prevent_duplicates "
                               "cannot work. Run the plugin again when nobody deletes assets, or without the option.");
}

/// Reads the list once. Returns the number of assets by its last page.
Result<std::uint64_t> KnownNames::read_round(HashSet &ids) {
    std::uint64_t total = 0;
    for (std::uint64_t number = 1;; ++number) {
        const auto page = read_asset_list(hub_, project_, "{}", number);
        if (!page) return page.error();
        total = page->total.value_or(total);
        for (const AssetRecord &record : page->records) {
            ids.insert(record.id);
            if (!record.external_id.empty()) listed_->insert(record.external_id);
        }
        // A list with more pages than its total says does not end.
        if (page->records.empty() || number * kAssetPage >= total) return total;
    }
}

} // namespace angod::host
