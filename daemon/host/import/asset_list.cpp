#include "host/import/asset_list.hpp"

#include "host/hub/list_round.hpp"

#include "base/http_date.hpp"
#include "base/percent.hpp"

#include <fmt/format.h>

#include <unordered_set>

namespace angod::host {

namespace {

constexpr unsigned kMaxNamePages = 50; // of the answer to one query by name
constexpr int kMaxRounds = 5;          // of a list that changes

AssetRecord record_of(const json::Value &asset) {
    const auto text = [&](std::string_view name) {
        const json::Value *value = json::find(asset, name);
        return value && value->IsString() ? json::view(*value) : std::string_view();
    };
    return {text("_id"), text("externalId"), text("data"), parse_iso_time(text("createdAt"))};
}

/// Reads the assets with one name once. Returns whether the list was complete; nothing if this Hub does not answer by name.
Result<std::optional<bool>> read_named(rest::HubApi &hub, const std::string &project, std::string_view name,
                                       const std::function<void(const AssetRecord &)> &with) {
    const std::string filters = fmt::format(R"({{"externalId":{}}})", json::quote(name));
    ListRound round;
    for (unsigned number = 1; number <= kMaxNamePages; ++number) {
        const auto page = read_asset_list(hub, project, filters, number);
        if (!page) return page.error();
        for (const AssetRecord &record : page->records) {
            if (record.external_id != name) return std::optional<bool>(); // a Hub without the filter lists all assets
            round.entry(record.id);
            with(record);
        }
        if (round.page_ends(page->total)) return std::optional(round.complete());
    }
    return std::optional<bool>();
}

} // namespace

Result<AssetListPage> read_asset_list(rest::HubApi &hub, const std::string &project, const std::string &filters,
                                      std::uint64_t page) {
    rest::Call call{"the assets of the project", "GET", "/v2/project/" + percent_encode(project) + "/assets"};
    call.query = {{"page", std::to_string(page)}, {"limit", std::to_string(kAssetPage)}, {"filters", filters}};
    auto answer = hub.call(call);
    if (!answer) return answer.error();
    AssetListPage out{std::move(*answer), {}, {}};
    const json::Value *data = json::find(out.answer, "data");
    const json::Value *assets = data ? json::find(*data, "assets") : nullptr;
    if (!assets || !assets->IsArray())
        return error(Code::protocol,
                     "Hub's answer to the request for the assets of the project holds no list of them.");
    if (const json::Value *total = json::find(*data, "total"); total && total->IsUint64())
        out.total = total->GetUint64();
    for (const json::Value &asset : assets->GetArray()) out.records.push_back(record_of(asset));
    return out;
}

Result<bool> each_asset_named(rest::HubApi &hub, const std::string &project, const std::vector<std::string_view> &names,
                              const std::function<void(const AssetRecord &)> &with) {
    std::unordered_set<std::string_view> asked;
    for (const std::string_view name : names) {
        if (!asked.insert(name).second) continue;
        for (int round = 1;; ++round) {
            const auto complete = read_named(hub, project, name, with);
            if (!complete) return complete.error();
            if (!*complete) return false;
            if (**complete) break;
            if (round == kMaxRounds)
                return error(
                    Code::remote,
                    "Hub's list of the project's assets names fewer assets than it counts, also when it is read "
                    "again. Run the plugin again when nobody adds or deletes assets.");
        }
    }
    return true;
}

} // namespace angod::host
