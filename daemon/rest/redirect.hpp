// The rules for redirects. Pure.
#pragma once

#include "rest/http_client.hpp"

#include <string>
#include <string_view>

namespace angod::rest {

inline constexpr int kMaxRedirects = 5;

/// True for the statuses that send a client elsewhere.
bool is_redirect(long status);

/// False if a request that is signed for S3 is redirected to a host of another store: the keys must not be used there.
bool may_be_signed_for(const Request &request, const std::string &to);

/// Turns request into the one that follows a redirect to the absolute URL `to`. The private headers are removed unless scheme,
/// host and port stay the same. A signature is made anew for the address, so the S3 key stays; see
/// may_be_signed_for. region: the bucket's, as the store names it; empty: as the name of the host tells, else as before. 303 (for POST also 301 and 302) turns it into
/// a GET. An error (protocol) if the redirect must not be followed: to neither http nor https, or from https to http.
Result<void> follow_redirect(Request &request, long status, const std::string &to, std::string_view region = {});

} // namespace angod::rest
