#include "base/url.hpp"

#include "base/letter_case.hpp"

#include <boost/asio/ip/address.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <charconv>

namespace angod {

namespace {

std::uint16_t default_port(std::string_view scheme) { return scheme == "https" || scheme == "wss" ? 443 : 80; }

} // namespace

bool Url::loopback() const {
    if (host == "localhost") return true;
    boost::system::error_code no_address;
    const auto address = boost::asio::ip::make_address(host, no_address);
    return !no_address && address.is_loopback();
}

std::string Url::authority() const {
    const std::string name = host.find(':') == std::string::npos ? host : "[" + host + "]";
    return port == default_port(scheme) ? name : fmt::format("{}:{}", name, port);
}

Result<Url> parse_url(std::string_view text) {
    // The text itself may hold a signature: it is not repeated in the errors.
    const std::size_t colon = text.find("://");
    if (colon == std::string_view::npos) return error(Code::invalid, "not a URL (expected https://HOST/…)");
    Url url;
    url.scheme = text.substr(0, colon);
    url.scheme = ascii_lower(url.scheme);
    if (url.scheme != "http" && url.scheme != "https" && url.scheme != "ws" && url.scheme != "wss")
        return error(Code::invalid, "the scheme of the URL is none of http, https, ws, wss");
    const std::string_view rest = text.substr(colon + 3);
    for (const char c : rest)
        if (static_cast<unsigned char>(c) <= ' ' || c == 0x7f)
            return error(Code::invalid, "the URL holds a blank or control character");
    std::size_t path = rest.find_first_of("/?#");
    path = std::min(path, rest.size());
    std::string_view host = rest.substr(0, path);
    if (host.find('@') != std::string_view::npos)
        return error(Code::invalid, "the URL holds a user name, which is not supported");
    std::string_view port;
    if (host.starts_with('[')) {
        const std::size_t end = host.find(']');
        if (end == std::string_view::npos) return error(Code::invalid, "the URL has an unfinished IPv6 address");
        port = host.substr(end + 1);
        host = host.substr(1, end - 1);
        if (!port.empty() && !port.starts_with(':'))
            return error(Code::invalid, "the URL has text behind its IPv6 address");
        boost::system::error_code failed;
        boost::asio::ip::make_address_v6(host, failed);
        if (failed) return error(Code::invalid, "the URL has brackets around text that is no IPv6 address");
    } else if (const std::size_t at = host.find(':'); at != std::string_view::npos) {
        port = host.substr(at);
        host = host.substr(0, at);
    }
    if (host.empty()) return error(Code::invalid, "the URL has no host");
    url.host = host;
    url.host = ascii_lower(url.host);
    url.port = default_port(url.scheme);
    if (port.size() > 1) {
        const auto [end, failed] = std::from_chars(port.data() + 1, port.data() + port.size(), url.port);
        if (failed != std::errc() || end != port.data() + port.size() || url.port == 0)
            return error(Code::invalid, "the URL has a port that is no number from 1 to 65535");
    }
    const std::string_view target = rest.substr(path, rest.find('#', path) - path);
    url.target = target.starts_with('/') ? std::string(target) : "/" + std::string(target);
    return url;
}

} // namespace angod
