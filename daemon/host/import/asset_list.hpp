// The assets of a project as Hub lists them: a page, or all assets with certain names.
#pragma once

#include "rest/hub_api.hpp"

#include "base/json.hpp"
#include "base/result.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace angod::host {

inline constexpr std::size_t kAssetPage = 100; ///< the largest page of Hub

/// Views into the answer.
struct AssetRecord {
    std::string_view id, external_id, data;
    std::optional<std::int64_t> created_at; ///< ms since 1970
};

struct AssetListPage {
    json::Document answer;
    std::vector<AssetRecord> records;
    std::optional<std::uint64_t> total; ///< of all pages
};

/// Asks for one page, counted from 1. filters: a JSON object. Job thread; errors are sentences for the user.
Result<AssetListPage> read_asset_list(rest::HubApi &hub, const std::string &project, const std::string &filters,
                                      std::uint64_t page);

/// Calls `with` for each asset that has one of the names, by one query for each name: Hub takes no list of them. It may be called
/// again for the same asset, because a list that changes is read again. False if this Hub does not answer by name.
Result<bool> each_asset_named(rest::HubApi &hub, const std::string &project, const std::vector<std::string_view> &names,
                              const std::function<void(const AssetRecord &)> &with);

} // namespace angod::host
