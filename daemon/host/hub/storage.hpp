// The storages of an organisation, as Hub knows them: with their keys.
#pragma once

#include "rest/hub_api.hpp"

#include "base/result.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace angod::host {

struct Storage {
    std::string id;
    std::string provider; ///< "AWS", "GCP", "AZURE", or what Hub calls another one
    std::string region, bucket, account;
    std::string json;                 ///< as Hub describes it, keys included: never for a log
    std::vector<std::string> secrets; ///< the keys, as text
};

/// Asks Hub. Errors: not_found with a sentence for the user, else as in HubApi::call.
Result<Storage> find_storage(rest::HubApi &hub, std::string_view id);

/// What stands in one storage record of Hub. Pure.
Storage read_storage(const json::Value &record);

/// Where Hub finds an object: its usual address at the provider. The error is a sentence for the user. Pure.
Result<std::string> object_url(const Storage &storage, std::string_view bucket, std::string_view key);

} // namespace angod::host
