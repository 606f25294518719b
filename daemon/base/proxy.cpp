// The rules are those of curl, which the modules' calls use, so that WebSocket and REST connections take the same way. Errors
// never repeat a URL, because it may hold a password.
//
// Thread: any. Pure, except for proxies_of_environment.
#include "base/proxy.hpp"

#include "base/percent.hpp"

#include <boost/asio/ip/address.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdlib>

namespace angod {

namespace {

namespace ip = boost::asio::ip;

constexpr std::uint16_t kDefaultPort = 1080;

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; }

bool same_text(std::string_view a, std::string_view b) {
    return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](char x, char y) { return lower(x) == lower(y); });
}

template <class N> std::optional<N> number(std::string_view digits) {
    N value = 0;
    const auto [end, failed] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
    if (digits.empty() || failed != std::errc() || end != digits.data() + digits.size()) return std::nullopt;
    return value;
}

std::optional<ip::address> address_of(std::string_view text) {
    boost::system::error_code failed;
    const auto address = ip::make_address(std::string(text), failed);
    if (failed) return std::nullopt;
    return address;
}

/// "host", "host:port", "[v6]:port" or a bare IPv6 address; the port is empty if there is none.
struct HostPort {
    std::string_view host, port;
};
std::optional<HostPort> split(std::string_view text) {
    if (text.starts_with('[')) {
        const std::size_t end = text.find(']');
        if (end == std::string_view::npos) return std::nullopt;
        const std::string_view rest = text.substr(end + 1);
        if (!rest.empty() && !rest.starts_with(':')) return std::nullopt;
        return HostPort{text.substr(1, end - 1), rest.empty() ? rest : rest.substr(1)};
    }
    const std::size_t colon = text.find(':');
    if (colon == std::string_view::npos || text.find(':', colon + 1) != std::string_view::npos)
        return HostPort{text, {}};
    return HostPort{text.substr(0, colon), text.substr(colon + 1)};
}

template <class Bytes> bool same_bits(const Bytes &a, const Bytes &b, unsigned bits) {
    for (std::size_t i = 0; i < a.size() && bits > 0; ++i) {
        const unsigned here = std::min(bits, 8u);
        const unsigned mask = 0xffu << (8 - here) & 0xffu;
        if ((a[i] & mask) != (b[i] & mask)) return false;
        bits -= here;
    }
    return true;
}

bool in_network(const ip::address &address, std::string_view entry) {
    const std::size_t slash = entry.find('/');
    const auto network = address_of(entry.substr(0, slash));
    if (!network || network->is_v4() != address.is_v4()) return false;
    const unsigned all = address.is_v4() ? 32 : 128;
    const auto bits = slash == std::string_view::npos ? all : number<unsigned>(entry.substr(slash + 1));
    if (!bits || *bits > all) return false;
    if (address.is_v4()) return same_bits(address.to_v4().to_bytes(), network->to_v4().to_bytes(), *bits);
    return same_bits(address.to_v6().to_bytes(), network->to_v6().to_bytes(), *bits);
}

std::string_view without_dots(std::string_view name) {
    if (name.starts_with('.')) name.remove_prefix(1);
    if (name.ends_with('.')) name.remove_suffix(1);
    return name;
}

bool matches(std::string_view entry, const Url &url) {
    if (entry == "*") return true;
    const auto address = address_of(url.host);
    if (entry.find('/') != std::string_view::npos) return address && in_network(*address, entry);
    const auto wanted = split(entry);
    if (!wanted) return false;
    if (!wanted->port.empty() && number<std::uint16_t>(wanted->port) != url.port) return false;
    if (address) return in_network(*address, wanted->host);
    const std::string_view domain = without_dots(wanted->host), name = without_dots(url.host);
    if (domain.empty() || name.size() < domain.size()) return false;
    if (!same_text(name.substr(name.size() - domain.size()), domain)) return false;
    return name.size() == domain.size() || name[name.size() - domain.size() - 1] == '.';
}

std::string variable(const char *name, const char *other) {
    for (const char *one : {name, other})
        if (const char *value = std::getenv(one)) return value;
    return "";
}

} // namespace

std::string Proxy::authority() const { return host_and_port(host, port); }

std::string host_and_port(const std::string &host, std::uint16_t port) {
    return host.find(':') == std::string::npos ? fmt::format("{}:{}", host, port) : fmt::format("[{}]:{}", host, port);
}

Result<Proxy> parse_proxy(std::string_view text) {
    for (const char c : text)
        if (static_cast<unsigned char>(c) <= ' ' || c == 0x7f)
            return error(Code::invalid, "the proxy's URL holds a blank or control character");
    if (const std::size_t colon = text.find("://"); colon != std::string_view::npos) {
        if (!same_text(text.substr(0, colon), "http"))
            return error(Code::invalid,
                         "the proxy's URL does not begin with http://; other kinds of proxies are not supported");
        text.remove_prefix(colon + 3);
    }
    Proxy proxy;
    if (const std::size_t at = text.rfind('@', text.find('/')); at != std::string_view::npos) {
        const std::string_view credentials = text.substr(0, at);
        const std::size_t colon = std::min(credentials.find(':'), credentials.size());
        const auto user = percent_decode(credentials.substr(0, colon));
        const auto password = percent_decode(credentials.substr(std::min(colon + 1, credentials.size())));
        if (!user || !password)
            return error(
                Code::invalid,
                "the user name or password in the proxy's URL holds a '%' that begins no %XX; write it as %25");
        // A colon would end it on the other side (RFC 7617).
        if (user->find(':') != std::string::npos)
            return error(Code::invalid, "the user name in the proxy's URL holds a colon");
        proxy.user = *user;
        proxy.password = *password;
        text.remove_prefix(at + 1);
    }
    if (text.ends_with('/')) text.remove_suffix(1);
    const auto place = split(text);
    if (!place || place->host.empty() || place->host.find_first_of("/?#@[]%") != std::string_view::npos)
        return error(Code::invalid, "the proxy's URL is not of the form http://[USER:PASSWORD@]HOST:PORT");
    if (place->host.find(':') != std::string_view::npos && !address_of(place->host))
        return error(Code::invalid, "the proxy's URL is not of the form http://[USER:PASSWORD@]HOST:PORT");
    proxy.host = place->host;
    std::transform(proxy.host.begin(), proxy.host.end(), proxy.host.begin(), lower);
    const auto port = place->port.empty() ? kDefaultPort : number<std::uint16_t>(place->port);
    if (!port || *port == 0)
        return error(Code::invalid, "the proxy's URL has a port that is no number from 1 to 65535");
    proxy.port = *port;
    return proxy;
}

ProxyRules proxies_of_environment() {
    return {variable("http_proxy", "HTTP_PROXY"), variable("https_proxy", "HTTPS_PROXY"),
            variable("no_proxy", "NO_PROXY")};
}

bool bypasses_proxy(std::string_view no_proxy, const Url &url) {
    while (!no_proxy.empty()) {
        const std::size_t end = std::min(no_proxy.find_first_of(", \t"), no_proxy.size());
        if (const std::string_view entry = no_proxy.substr(0, end); !entry.empty() && matches(entry, url)) return true;
        no_proxy.remove_prefix(std::min(end + 1, no_proxy.size()));
    }
    return false;
}

Result<std::optional<Proxy>> proxy_for(const ProxyRules &rules, const Url &url) {
    const std::string &text = url.encrypted() ? rules.https : rules.http;
    if (text.empty() || bypasses_proxy(rules.no_proxy, url)) return std::optional<Proxy>();
    auto proxy = parse_proxy(text);
    if (!proxy) return proxy.error();
    return std::optional<Proxy>(std::move(*proxy));
}

std::string proxy_refusal(const Proxy &proxy, long status) {
    const std::string name = proxy.authority();
    if (status == 407 && proxy.has_credentials())
        return fmt::format("the proxy {} does not accept the user name and password of its URL (HTTP 407)", name);
    if (status == 407)
        return fmt::format("the proxy {} wants a user name and a password (HTTP 407); put them into its URL", name);
    if (status == 403) return fmt::format("the proxy {} does not allow connections to there (HTTP 403)", name);
    if (status >= 502 && status <= 504) return fmt::format("the proxy {} could not reach it (HTTP {})", name, status);
    return fmt::format("the proxy {} refused the connection (HTTP {})", name, status);
}

} // namespace angod
