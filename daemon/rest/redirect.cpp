#include "rest/redirect.hpp"

#include "base/url.hpp"
#include "common/storage_hosts.hpp"

#include <fmt/format.h>

namespace angod::rest {

bool is_redirect(long status) {
    return status == 301 || status == 302 || status == 303 || status == 307 || status == 308;
}

bool may_be_signed_for(const Request &request, const std::string &to) {
    const auto from_url = parse_url(request.url), to_url = parse_url(to);
    return !from_url || !to_url || ango::common::of_same_store(from_url->host, to_url->host);
}

Result<void> follow_redirect(Request &request, long status, const std::string &to, std::string_view region) {
    const auto from_url = parse_url(request.url);
    if (!from_url) return from_url.error();
    const auto to_url = parse_url(to);
    if (!to_url)
        return error(Code::protocol, fmt::format("{} redirects to an address that cannot be used: {}",
                                                 from_url->authority(), to_url.error().text));
    if (to_url->scheme != "http" && to_url->scheme != "https")
        return error(Code::protocol,
                     fmt::format("{} redirects to an address that is neither http nor https", from_url->authority()));
    if (from_url->encrypted() && !to_url->encrypted())
        return error(Code::protocol,
                     fmt::format("{} redirects from https to unencrypted http at {}, which is not followed",
                                 from_url->authority(), to_url->authority()));
    if (from_url->scheme != to_url->scheme || from_url->host != to_url->host || from_url->port != to_url->port)
        request.private_headers.clear();
    if (!request.s3.id.empty()) {
        const std::string named = region.empty() ? ango::common::s3_region_of(to_url->host) : std::string(region);
        if (!named.empty()) request.s3.region = named;
    }
    if (status == 303 || ((status == 301 || status == 302) && request.method == "POST")) {
        const bool has_content = !request.body.empty() || !request.file.empty();
        if (has_content && !request.may_become_get)
            return error(Code::protocol,
                         fmt::format("{} redirects with status {} to {}, which would get the request without "
                                     "its content; it is not followed",
                                     from_url->authority(), status, to_url->authority()));
        request.method = "GET";
        request.body.clear();
        request.file.clear();
        request.file_size = 0;
    }
    request.url = to;
    return {};
}

} // namespace angod::rest
