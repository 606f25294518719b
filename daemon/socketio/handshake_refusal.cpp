// Proxies, load balancers, sign-in pages and other servers answer the handshake in place of Hub. The status says what to check,
// and the body often says more: its words are part of the sentence.
#include "socketio/handshake_refusal.hpp"

#include "base/http_date.hpp"
#include "base/server_words.hpp"

#include <fmt/format.h>

namespace angod::socketio {

namespace {

bool is_redirect(int status) {
    return status == 301 || status == 302 || status == 303 || status == 307 || status == 308;
}

std::string_view path_of(std::string_view address) { return address.substr(0, address.find_first_of("?#")); }

/// Whether an address is one of Socket.IO. Portals and sign-in pages have paths of their own.
bool is_of_socketio(std::string_view address) { return path_of(address).find("/socket.io/") != address.npos; }

std::string_view advice(const HttpAnswer &answer) {
    const int status = answer.status;
    if (is_redirect(status) && is_of_socketio(answer.location))
        return "write the address of Hub to which it leads as hub.url";
    if (is_redirect(status))
        return "check whether hub.url is the address of Hub, and whether a sign-in page of the network or a load "
               "balancer answers in place of Hub";
    switch (status) {
        case 401:
        case 403:
            return "check whether a proxy, a firewall or an access rule in front of Hub keeps this machine out, and "
                   "whether hub.url is the address of Hub";
        case 407: return "a proxy on the way wants a user name and a password: write them into the URL of hub.proxy";
        case 400:
        case 404:
        case 405:
            return "check whether hub.url is the address of Hub, and whether a proxy on the way removes the header "
                   "Upgrade";
        case 426:
            return "check whether hub.url is the address of Hub and begins with https://, and whether a proxy on the "
                   "way removes the header Upgrade";
        case 511: return "the network wants a sign-in first: open a page in a browser on this machine";
        case 408:
        case 429: return "Hub, or a server in front of it, takes no more connections at this time";
        default: break;
    }
    if (status >= 200 && status <= 299)
        return "it sent a page instead of a connection: check whether hub.url is the address of Hub, and whether a "
               "sign-in page of the network or a load balancer answers in place of Hub";
    if (status >= 500 && status <= 599) return "Hub, or a server in front of it, is down or overloaded";
    return "check whether hub.url is the address of Hub";
}

std::string words_in(const HttpAnswer &answer, const std::vector<std::string> &secrets) {
    if (!answer.content_encoding.empty() && answer.content_encoding != "identity") return {};
    return words_of(answer.content_type, answer.body, secrets);
}

/// The absolute form of a Location; nothing if it is neither absolute nor begins with a slash.
std::optional<std::string> absolute(const Url &asked, std::string_view location) {
    if (location.find("://") != location.npos) return std::string(location);
    const std::string scheme = asked.encrypted() ? "https:" : "http:";
    if (location.starts_with("//")) return scheme + std::string(location);
    if (location.starts_with("/")) return scheme + "//" + asked.authority() + std::string(location);
    return std::nullopt;
}

} // namespace

std::string said_in(const HttpAnswer &answer, const std::vector<std::string> &secrets) {
    std::string said;
    if (const std::string words = words_in(answer, secrets); !words.empty()) said = fmt::format("\"{}\"", words);
    if (is_redirect(answer.status)) {
        if (!said.empty()) said += ", ";
        const std::string to = quote_foreign(path_of(answer.location), secrets);
        said += to.empty() ? "a redirect without an address" : fmt::format("a redirect to {}", to);
    }
    return said;
}

std::string handshake_refusal(const HttpAnswer &answer, const std::vector<std::string> &secrets) {
    const std::string said = said_in(answer, secrets);
    return fmt::format("the server answered the WebSocket handshake with HTTP {}{}; {}", answer.status,
                       said.empty() ? "" : " (" + said + ")", advice(answer));
}

std::optional<Url> handshake_redirect(const Url &asked, const HttpAnswer &answer) {
    if (!is_redirect(answer.status)) return std::nullopt;
    const auto address = absolute(asked, answer.location);
    if (!address) return std::nullopt;
    auto to = parse_url(*address);
    if (!to || !to->encrypted() || to->host != asked.host) return std::nullopt;
    if (path_of(to->target) != "/" && !is_of_socketio(to->target)) return std::nullopt;
    if (!is_of_socketio(to->target)) to->target = "/"; // without the query
    return std::move(*to);
}

std::optional<std::chrono::milliseconds> pause_asked(const HttpAnswer &answer, std::int64_t now_ms) {
    const auto asked = parse_retry_after(answer.retry_after, parse_http_date(answer.date).value_or(now_ms));
    if (!asked || asked->count() == 0) return std::nullopt;
    return asked;
}

} // namespace angod::socketio
