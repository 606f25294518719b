// Uploads to the storage that Hub names: the result of an export, or files that labels and assets refer to.
#pragma once

#include "host/hub/hub_access.hpp"
#include "host/job/job.hpp"

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

/// A file that was uploaded by upload_file.
struct UploadedFile {
    std::string url, bytes;
};

/// Uploads a file for labels or assets, and returns the address under which they refer to it. type: "brushes", … Two
/// files of one name must not become one object in the storage, so only the extension of `name` is used. The address
/// has no query: a signature in it would end, but labels stay.
Result<std::string> upload_file(HubAccess &access, const Job &job, std::string_view type, std::string_view name,
                                std::string_view bytes);

/// The extension of a file name with its dot; both extensions of names such as "a.seg.nrrd". Empty if there is none
/// that consists of a few letters and digits. Pure.
std::string_view extension_of(std::string_view name);

} // namespace angod::host
