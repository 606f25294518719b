#include "app/authorities.hpp"

#include "base/files.hpp"
#include "base/ids.hpp"
#include "base/url.hpp"
#include "socketio/net_stream.hpp"

#include <utility>

namespace angod::app {

namespace {

constexpr std::uint64_t kMaxAuthorities = 64u << 20;

/// Never empty. A file that cannot be read is reported by the connection that needs it.
std::string digest_of(const std::string &ca_file) {
    if (ca_file.empty()) return "the system's";
    const auto content = files::read(ca_file, kMaxAuthorities);
    return content ? sha256(*content) : "unreadable";
}

} // namespace

Result<AuthoritiesByFile> read_authorities(const std::vector<config::Plugin> &plugins,
                                           const AuthoritiesByFile &present) {
    AuthoritiesByFile next;
    for (const config::Plugin &plugin : plugins) {
        const std::string &file = plugin.hub.ca_file;
        Authorities &authorities = next[file];
        if (authorities.digest.empty()) {
            authorities.digest = digest_of(file);
            const auto before = present.find(file);
            if (before != present.end() && before->second.digest == authorities.digest)
                authorities.tls = before->second.tls;
        }
        if (authorities.tls || plugin.rest) continue;
        // A Hub without encryption may redirect the handshake to https.
        auto made = socketio::make_tls_context(file);
        if (!made && !parse_url(plugin.hub.url)->encrypted()) continue;
        if (!made) return made.error();
        authorities.tls = std::move(*made);
    }
    return next;
}

} // namespace angod::app
