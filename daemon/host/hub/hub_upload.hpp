// Puts something into the storage that Hub names: the zip of an export, brush traces of a model.
#pragma once

#include "rest/hub_api.hpp"

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>

namespace angod::host {

/// What is stored: a file if there is one, else bytes, which must outlive the call.
struct Content {
    std::string what; ///< in error texts: "the result"
    std::filesystem::path file = {};
    std::uint64_t file_size = 0;
    std::string_view bytes = {};
};

/// Puts it where Hub says, asking for a new address up to twice when the storage refuses the one it gave (they
/// expire); the address that worked, which getSignedUrl wants. file.name: the name to store it under.
Result<std::string> upload(rest::HttpClient &client, rest::HubApi &hub, const rest::StoredFile &file,
                           const Content &content, const CancelToken &cancel);

} // namespace angod::host
