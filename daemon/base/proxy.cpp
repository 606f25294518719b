// The rules are those of curl, which the modules' calls use, so that WebSocket and REST connections take the same way. Errors
// never repeat a URL, because it may hold a password.
//
// Thread: any. Pure, except for proxies_of_environment.
#include "base/proxy.hpp"

#include "base/host_port.hpp"
#include "base/letter_case.hpp"
#include "base/percent.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>

namespace angod {

namespace {

constexpr std::uint16_t kDefaultPort = 1080;

bool same_text(std::string_view a, std::string_view b) {
    return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                      [](char x, char y) { return ascii_lower(x) == ascii_lower(y); });
}

std::string variable(const char *name, const char *other) {
    for (const char *one : {name, other})
        if (const char *value = std::getenv(one)) return std::string(without_blank_ends(value));
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
    const auto place = split_host_port(text);
    if (!place || place->host.empty() || place->host.find_first_of("/?#@[]%") != std::string_view::npos)
        return error(Code::invalid, "the proxy's URL is not of the form http://[USER:PASSWORD@]HOST:PORT");
    const bool is_plain = std::all_of(place->host.begin(), place->host.end(),
                                      [](char c) { return static_cast<unsigned char>(c) < 0x80; });
    if (!is_plain)
        return error(Code::invalid, "the proxy's URL has a host with characters outside of ASCII; write its form that "
                                    "begins with \"xn--\"");
    if (place->host.find(':') != std::string_view::npos && !address_of(place->host))
        return error(Code::invalid, "the proxy's URL is not of the form http://[USER:PASSWORD@]HOST:PORT");
    proxy.host = place->host;
    proxy.host = ascii_lower(proxy.host);
    const auto port = place->port.empty() ? std::optional(kDefaultPort) : port_of(place->port);
    if (!port) return error(Code::invalid, "the proxy's URL has a port that is no number from 1 to 65535");
    proxy.port = *port;
    return proxy;
}

ProxyRules proxies_of_environment() {
    return {variable("http_proxy", "HTTP_PROXY"), variable("https_proxy", "HTTPS_PROXY"),
            variable("no_proxy", "NO_PROXY")};
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
    if (status == 429) return fmt::format("the proxy {} takes no more connections at this time (HTTP 429)", name);
    if (status >= 502 && status <= 504) return fmt::format("the proxy {} could not reach it (HTTP {})", name, status);
    if (status >= 300 && status <= 399)
        return fmt::format("the proxy {} refused the connection (HTTP {}); it may want a sign-in first, or be no proxy",
                           name, status);
    return fmt::format("the proxy {} refused the connection (HTTP {})", name, status);
}

} // namespace angod
