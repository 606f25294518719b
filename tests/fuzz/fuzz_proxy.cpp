// URLs of proxies, and lists of hosts that need no proxy. The first byte chooses one of the two.
#include "base/no_proxy.hpp"
#include "base/percent.hpp"
#include "base/printable.hpp"
#include "base/proxy.hpp"
#include "socketio/proxy_tunnel.hpp"

#include <cstdint>
#include <cstdlib>

using namespace angod;
using namespace angod::socketio;

namespace {

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
    const std::string fault = no_proxy_fault(text);
    if (fault.size() > 3000 || fault != printable(fault)) std::abort();
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
    if (data[0] % 2 == 0)
        list(text);
    else
        proxy_url(text);
    return 0;
}
