// Which redirects are followed, and what changes on the way. Pure.
#pragma once

#include "rest/http_client.hpp"

#include <string>

namespace angod::rest {

inline constexpr int kMaxRedirects = 5;

/// True for the statuses that send a client elsewhere.
bool is_redirect(long status);

/// Changes request to what follows a redirect to the absolute URL `to`: the private headers and the signature go unless
/// scheme, host and port stay the same, and 303 (for POST also 301, 302) makes a GET of it. An error (protocol) if it
/// must not be followed: neither http nor https, or from https down to http.
Result<void> follow_redirect(Request &request, long status, const std::string &to);

} // namespace angod::rest
