// The storages of an organisation as Hub describes them, with their keys.
#pragma once

#include "rest/hub_api.hpp"

#include "base/result.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace angod::host {

struct Storage {
    std::string id;
    std::string provider; ///< "AWS", "GCP", "AZURE", or Hub's name of another provider
    std::string region, bucket, account;
    std::string json;                 ///< Hub's description with the keys; never log it
    std::vector<std::string> secrets; ///< the keys, as text
};

/// Asks Hub for a storage. Errors: not_found with a sentence for the user, else those of HubApi::call.
Result<Storage> find_storage(rest::HubApi &hub, std::string_view id);

/// Reads one storage record of Hub. Pure.
Storage read_storage(const json::Value &record);

/// Returns the address of an object at its provider. The error is a sentence for the user. Pure.
Result<std::string> object_url(const Storage &storage, std::string_view bucket, std::string_view key);

} // namespace angod::host
