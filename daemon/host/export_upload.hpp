// The last part of an export: the zip goes to the storage that Hub names.
#pragma once

#include "host/zip_spool.hpp"

#include "rest/hub_api.hpp"

#include <string>

namespace angod::host {

/// Puts the zip where Hub says, asking for a new address up to twice when the storage refuses the one it gave
/// (they expire); the address that worked, which getSignedUrl wants. file.name: the name to store it under.
Result<std::string> upload_result(rest::HttpClient &client, rest::HubApi &hub, const rest::StoredFile &file,
                                  const ZipSpool::Zip &zip, const CancelToken &cancel);

} // namespace angod::host
