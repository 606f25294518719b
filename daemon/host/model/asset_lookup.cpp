#include "host/model/asset_lookup.hpp"

#include "host/model/asset_walk.hpp"

#include "base/ids.hpp"
#include "base/percent.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace angod::host {

namespace {

/// A digest, because the key of a user must not stay in memory longer than the run.
std::string who_asks(const Job &job, const std::string &id) {
    return sha256(fmt::format("{}\n{}\n{}\n{}", job.hub.api_url, job.api_key(), job.project(), id));
}

} // namespace

Result<KnownAsset> look_up_asset(const Job &job, rest::HubApi &hub, const std::string &id) {
    const std::string who = who_asks(job, id);
    if (job.known_assets)
        if (auto known = job.known_assets->find(who, KnownAssets::Clock::now())) return std::move(*known);
    const rest::Call call{
        "the asset",
        "GET",
        "/v2/project/" + percent_encode(job.project()) + "/assets",
        {{"page", "1"}, {"limit", "1"}, {"filters", fmt::format(R"({{"_id":{}}})", json::quote(id))}}};
    const auto answer = hub.call(call);
    if (!answer) return answer.error();
    auto page = read_asset_page(*answer);
    if (!page) return page.error();
    // A Hub that does not know the filter answers with another asset.
    const auto found =
        std::find_if(page->assets.begin(), page->assets.end(), [&](const ListedAsset &one) { return one.id == id; });
    if (found == page->assets.end())
        return error(
            Code::not_found,
            fmt::format("Hub has no asset with the id {} in the project, or the user who ran the plugin may not "
                        "see it. Open the asset again and run the plugin on it.",
                        id));
    KnownAsset asset{std::move(found->data), std::move(found->external_id), std::move(found->record)};
    if (job.known_assets) job.known_assets->keep(who, asset, KnownAssets::Clock::now());
    return asset;
}

} // namespace angod::host
