#include "config/listen.hpp"

#include "base/host_port.hpp"

namespace angod::config {

Result<Listen> parse_listen(std::string_view text) {
    const auto wrong = [] {
        return error(Code::invalid, "must be a numeric address with a port, such as \"127.0.0.1:8080\" or "
                                    "\"[::]:8080\"");
    };
    std::string_view address = text, port;
    bool has_port = false;
    if (text.starts_with('[')) {
        const std::size_t close = text.find(']');
        if (close == std::string_view::npos) return wrong();
        address = text.substr(1, close - 1);
        const std::string_view rest = text.substr(close + 1);
        if (!rest.empty() && rest[0] != ':') return wrong();
        has_port = !rest.empty();
        if (has_port) port = rest.substr(1);
    } else if (const std::size_t colon = text.find(':'); colon != std::string_view::npos) {
        has_port = true;
        address = text.substr(0, colon);
        port = text.substr(colon + 1);
    }
    const auto ip = address_of(address);
    if (!ip || ip->is_v6() != text.starts_with('[')) return wrong();
    Listen listen{std::string(address), std::nullopt};
    if (!has_port) return listen;
    listen.port = port_of(port);
    if (!listen.port) return error(Code::invalid, "the port must be a number from 1 to 65535");
    return listen;
}

} // namespace angod::config
