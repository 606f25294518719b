// Hub's list may change while it is read. It is read again as long as an asset may have been missed (ListRound).
#include "host/import/known_names.hpp"

#include "host/hub/list_round.hpp"
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
    for (int number = 0; number < kMaxRounds; ++number) {
        const auto complete = read_round();
        if (!complete) return complete.error();
        if (*complete) return {};
    }
    return error(Code::remote, "The project changes faster than Hub lists its assets, so the option prevent_duplicates "
                               "cannot work. Run the plugin again when nobody deletes assets, or without the option.");
}

/// Reads the list once. Returns whether it was complete.
Result<bool> KnownNames::read_round() {
    ListRound round;
    for (std::uint64_t number = 1;; ++number) {
        const auto page = read_asset_list(hub_, project_, "{}", number);
        if (!page) return page.error();
        for (const AssetRecord &record : page->records) {
            round.entry(record.id);
            if (!record.external_id.empty()) listed_->insert(record.external_id);
        }
        if (round.page_ends(page->total)) return round.complete();
    }
}

} // namespace angod::host
