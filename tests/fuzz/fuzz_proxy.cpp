// Answers of proxies, URLs of proxies, and lists of hosts that need no proxy. The first byte chooses one of the three.
#include "base/percent.hpp"
#include "base/proxy.hpp"
#include "socketio/http_connect.hpp"

#include <cstdint>
#include <cstdlib>

using namespace angod;
using namespace angod::socketio;

namespace {

void reply(std::string_view text) {
    const auto whole = parse_connect_reply(text);
    if (!whole || !*whole) return;
    if ((*whole)->size > text.size() || (*whole)->size > kMaxConnectReply || (*whole)->status > 999) std::abort();
    // It is the same reply in pieces: nothing before its end, never a refusal.
    for (std::size_t n = 0; n < (*whole)->size; n += 1 + n / 8) {
        const auto part = parse_connect_reply(text.substr(0, n));
        if (!part || *part) std::abort();
    }
}

void proxy_url(std::string_view text) {
    const auto proxy = parse_proxy(text);
    if (!proxy) return;
    if (proxy->port == 0 || proxy->host.empty()) std::abort();
    const auto again = parse_proxy("http://" + percent_encode(proxy->user) + ":" + percent_encode(proxy->password) +
                                   "@" + proxy->authority());
    if (!again || again->authority() != proxy->authority() || again->user != proxy->user ||
        again->password != proxy->password)
        std::abort();
    const std::string request = connect_request(*parse_url("wss://h.test"), *proxy, "a");
    if (request.find("\r\n\r\n") != request.size() - 4) std::abort();
}

void list(std::string_view text) {
    for (const char *url : {"https://a.b.test", "http://10.1.2.3:81", "wss://[fd00::1]"}) {
        const Url parsed = *parse_url(url);
        const bool alone = bypasses_proxy(text, parsed);
        // One entry more never takes one away.
        if (alone && !bypasses_proxy(std::string(text) + ",other.test", parsed)) std::abort();
    }
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size) {
    if (size == 0) return 0;
    const std::string_view text(reinterpret_cast<const char *>(data) + 1, size - 1);
    switch (data[0] % 3) {
        case 0: reply(text); break;
        case 1: proxy_url(text); break;
        default: list(text); break;
    }
    return 0;
}
