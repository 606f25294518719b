#include "config/hub_address.hpp"

#include "base/host_port.hpp"
#include "base/url.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace angod::config {

namespace {

/// The only known Hub whose two addresses differ.
constexpr std::string_view kPluginHost = "plugin.imerit.ango.ai", kApiHost = "imeritapi.ango.ai";

bool is_ascii_name(std::string_view host) {
    return std::all_of(host.begin(), host.end(), [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '.' || c == '_' || c == ':';
    });
}

/// The address with another host, if it has the first one and the usual port.
std::string with_host(std::string_view address, std::string_view from, std::string_view to) {
    const std::size_t scheme = address.find("://");
    if (scheme == address.npos) return std::string(address);
    const std::size_t host = scheme + 3;
    return address.substr(host) == from ? std::string(address.substr(0, host)) + std::string(to) : std::string(address);
}

} // namespace

Result<std::string> read_hub_address(std::string_view text) {
    text = without_blank_ends(text);
    const std::size_t scheme = text.find("://");
    if (scheme == text.npos) return error(Code::invalid, "does not begin with https://; write https://HOST");
    if (const std::size_t at = text.find('@'); at < text.find_first_of("/?#", scheme + 3))
        return error(Code::invalid, "has a user name or a password, which Hub does not use; leave it out");
    const auto url = parse_url(text);
    if (!url) return url.error();
    if (!is_ascii_name(url->host))
        return error(Code::invalid,
                     "has a host with characters that no host name has; write an international name in its ASCII form, "
                     "which begins with \"xn--\"");
    if (text.find_first_of("?#") != text.npos)
        return error(Code::invalid, "must end with the host or port, but has a query or a fragment; leave it out");
    std::string_view path = url->target;
    while (path.ends_with('/')) path.remove_suffix(1);
    if (path.ends_with("/v2")) path.remove_suffix(3);
    while (path.ends_with('/')) path.remove_suffix(1);
    if (!path.empty())
        return error(Code::invalid, fmt::format("must end with the host or port, but has the path {}; angod adds the "
                                                "paths of Hub by itself",
                                                url->target));
    return url->scheme + "://" + url->authority();
}

std::string api_of(std::string_view url) {
    std::string out = with_host(url, kPluginHost, kApiHost);
    return out.starts_with("ws") ? "http" + out.substr(2) : out; // ws is http, and wss https
}

std::string url_of(std::string_view api_url) { return with_host(api_url, kApiHost, kPluginHost); }

} // namespace angod::config
