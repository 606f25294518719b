// The two addresses of a Hub: where plugins connect, and its REST API. Pure.
#pragma once

#include "base/result.hpp"

#include <string>
#include <string_view>

namespace angod::config {

/// Returns SCHEME://HOST[:PORT] of an address as people write it: "/" and "/v2" at its end are cut off. Refuses every other
/// path, queries, and hosts with other characters than those of ASCII names, because they would be ignored or misread
/// later. The error text is written behind the name of the key.
Result<std::string> read_hub_address(std::string_view text);

/// The API that belongs to a plugin connection. Only one host is known to serve one without the other.
std::string api_of(std::string_view url);
/// The plugin connection that belongs to an API.
std::string url_of(std::string_view api_url);

} // namespace angod::config
