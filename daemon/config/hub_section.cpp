// Addresses are read with tolerance where only one meaning is possible (blanks at the ends, "/v2"), and refused with a remedy
// where angod would have to guess. A proxy's text is never repeated, because it may hold a password.
//
// Thread: the caller's; it blocks.
#include "config/hub_section.hpp"

#include "base/files.hpp"
#include "base/host_port.hpp"
#include "base/no_proxy.hpp"
#include "base/url.hpp"
#include "config/hub_address.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>

namespace angod::config {

namespace {

constexpr std::uint64_t kMaxAuthorities = 16u << 20;

/// Reads an address of Hub; it stays as it is if it has a fault.
void read_address(Section &section, std::string_view key, std::string &target, bool insecure) {
    auto address = read_hub_address(target);
    if (!address) return section.error(key, address.error().text);
    target = std::move(*address);
    const auto url = parse_url(target);
    if (!url->encrypted() && !url->loopback() && !insecure)
        section.error(
            key, "would send secrets unencrypted to another machine; use https:// or set \"insecure\": true beside it");
}

/// "proxy": an URL for everything but what no_proxy names, "none", or "" for what the environment says.
void read_proxy(Section &section, ProxyRules &rules) {
    section.text("no_proxy", rules.no_proxy);
    if (const std::string fault = no_proxy_fault(rules.no_proxy); section.has("no_proxy") && !fault.empty())
        section.warning("no_proxy", fault);
    std::string text;
    section.text("proxy", text);
    if (!section.has("proxy")) return;
    text = without_blank_ends(text);
    rules.http = rules.https = text;
    if (text == "none") {
        rules.http = rules.https = "";
    } else if (text.empty()) {
        const ProxyRules environment = proxies_of_environment();
        rules.http = environment.http;
        rules.https = environment.https;
    } else if (const auto proxy = parse_proxy(text); !proxy) {
        section.error("proxy", proxy.error().text + "; \"none\" stands for a direct connection");
    }
}

/// Hosts have another working folder, so the path becomes absolute.
void read_authorities(Section &section, std::string &file) {
    section.text("ca_file", file);
    if (!section.has("ca_file") || file.empty()) return;
    const auto content = files::read(file, kMaxAuthorities);
    if (!content) return section.error("ca_file", content.error().text);
    if (content->find("-----BEGIN ") == content->npos || content->find("CERTIFICATE-----") == content->npos)
        return section.error("ca_file", fmt::format("{} has no certificate in PEM form, which begins with \"-----BEGIN "
                                                    "CERTIFICATE-----\"; convert another form with \"openssl x509 "
                                                    "-inform der\"",
                                                    file));
    std::error_code failed;
    const auto absolute = std::filesystem::absolute(file, failed);
    if (!failed) file = absolute.string();
}

} // namespace

void read_hub(Section section, Hub &hub) {
    section.text("url", hub.url);
    section.text("api_url", hub.api_url);
    read_authorities(section, hub.ca_file);
    section.flag("insecure", hub.insecure);
    section.flag("ask_ack", hub.ask_ack);
    read_proxy(section, hub.proxies);
    const bool has_url = section.has("url"), has_api = section.has("api_url");
    if (has_url) read_address(section, "url", hub.url, hub.insecure);
    if (has_api) {
        read_address(section, "api_url", hub.api_url, hub.insecure);
        if (hub.api_url.starts_with("ws")) section.error("api_url", "must begin with https://");
    }
    hub.names_url = hub.names_url || has_url;
    hub.names_api = hub.names_api || has_api;
    // One of the two is enough: the other is that of the same Hub.
    if (has_url && !hub.names_api) hub.api_url = api_of(hub.url);
    if (has_api && !hub.names_url) hub.url = url_of(hub.api_url);
    section.finish();
}

void check_proxy_environment(const Config &config, Problems &problems) {
    const ProxyRules rules = proxies_of_environment();
    for (const auto &[name, text, member] : {std::tuple("http_proxy", &rules.http, &ProxyRules::http),
                                             std::tuple("https_proxy", &rules.https, &ProxyRules::https)}) {
        const auto uses = [&, m = member, t = text](const Plugin &plugin) { return plugin.hub.proxies.*m == *t; };
        if (text->empty() || std::none_of(config.plugins.begin(), config.plugins.end(), uses)) continue;
        if (const auto proxy = parse_proxy(*text); !proxy)
            problems.errors.push_back(
                fmt::format("the environment variable {}: {}; change it, or set hub.proxy", name, proxy.error().text));
    }
    const auto uses_list = [&](const Plugin &plugin) {
        const ProxyRules &used = plugin.hub.proxies;
        return used.no_proxy == rules.no_proxy && !(used.http.empty() && used.https.empty());
    };
    const std::string fault = no_proxy_fault(rules.no_proxy);
    if (!fault.empty() && std::any_of(config.plugins.begin(), config.plugins.end(), uses_list))
        problems.warnings.push_back(
            fmt::format("the environment variable {}: {}", std::getenv("no_proxy") ? "no_proxy" : "NO_PROXY", fault));
}

} // namespace angod::config
