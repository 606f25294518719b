// Uploads to the storage that Hub names: the zip of an export, or brush traces of a model.
#pragma once

#include "rest/hub_api.hpp"

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>

namespace angod::host {

/// The content to store: a file if a path is given, else bytes, which must outlive the call.
struct Content {
    std::string what; ///< name in error texts, such as "the result"
    std::filesystem::path file = {};
    std::uint64_t file_size = 0;
    std::string_view bytes = {};
};

/// Asks Hub for an address and uploads the content there. Addresses expire: if the storage refuses one, the call asks
/// Hub for another, at most twice. Returns the address that worked; HubApi::signed_url expects it. file.name: the name
/// in the storage.
Result<std::string> upload(rest::HttpClient &client, rest::HubApi &hub, const rest::StoredFile &file,
                           const Content &content, const CancelToken &cancel);

} // namespace angod::host
