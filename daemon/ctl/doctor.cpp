// Looks at what lies between a plugin and its green light: the name of Hub, the connection, the proxy, the certificate, the
// clock, the admin socket and the disk. Each is one line, "ok" or "problem" with the remedy, and a problem does not keep the
// others from being looked at.
// Thread: the caller's; it blocks.
#include "ctl/doctor.hpp"

#include "base/clock.hpp"
#include "base/file_access.hpp"
#include "base/json.hpp"
#include "base/url.hpp"
#include "ctl/admin_client.hpp"
#include "ctl/exit_codes.hpp"
#include "ctl/output.hpp"
#include "rest/http_client.hpp"

#include <fmt/format.h>

#include <cstdio>
#include <cstdlib>
#include <map>
#include <tuple>

namespace angod::ctl {

namespace {

using namespace std::chrono_literals;
using rest::ProbeStep;

constexpr auto kProbeLimit = 15s;
constexpr std::int64_t kSecond = 1000, kDay = 86'400 * kSecond;
/// A certificate that ends so soon is a problem of today.
constexpr std::int64_t kSoon = 7 * kDay;
/// Signatures and tokens of storages and of Hub allow some minutes.
constexpr std::int64_t kMostSkew = 60 * kSecond;
constexpr std::uint64_t kLeastSpace = std::uint64_t{100} << 20;

std::string day_of(std::int64_t ms) { return iso_time(ms).substr(0, 10); }

/// libcurl knows the schemes of HTTP only.
std::string http_url(const std::string &url) { return url.starts_with("ws") ? "http" + url.substr(2) : url; }

class Doctor {
public:
    Doctor(const Options &options, const config::Config &config) : options_(options), config_(config) {}

    /// True: all is well.
    bool look() {
        if (config_.plugins.empty()) {
            address("hub: url", config_.hub.url, config_.hub);
            address("hub: api_url", config_.hub.api_url, config_.hub);
        }
        for (const config::Plugin &plugin : config_.plugins) {
            const std::string where = "plugin " + plugin.name;
            if (!plugin.rest) address(where + ": url", plugin.hub.url, plugin.hub); // Hub calls the others
            address(where + ": api_url", plugin.hub.api_url, plugin.hub);
        }
        admin_socket();
        disk();
        return ok_;
    }

private:
    void print(const Finding &finding) {
        ok_ = ok_ && finding.ok;
        std::printf("%-8s %-13s %s\n", finding.ok ? "ok" : "problem", finding.what.c_str(), finding.text.c_str());
        std::fflush(stdout); // the next step may take seconds
    }

    /// Each address once, although all plugins have it.
    void address(const std::string &key, const std::string &configured, const config::Hub &hub) {
        const std::string url = http_url(configured);
        const auto parsed = parse_url(url);
        if (!parsed) return print({false, "DNS", fmt::format("{}: {}", key, parsed.error().text)});
        const auto proxy = proxy_for(hub.proxies, *parsed);
        if (!proxy) return print({false, "proxy", fmt::format("{}: {}", key, proxy.error().text)});
        const std::string proxied = *proxy ? (*proxy)->authority() : "";
        if (!seen_.emplace(std::tuple(url, hub.ca_file, proxied), true).second) return;
        const rest::Probe probe = rest::probe(url + "/", hub.ca_file, *proxy, kProbeLimit);
        for (const Finding &finding : findings_of(probe, configured, key, *proxy, now_ms())) print(finding);
    }

    void admin_socket() {
        Options asked = options_;
        if (asked.socket == Options().socket) asked.socket = config_.admin.socket.string();
        std::error_code failed;
        if (!std::filesystem::exists(asked.socket, failed))
            return print({true, "admin socket", fmt::format("angod is not running: there is no {}.", asked.socket)});
        if (const auto wrong = files::access_problem(asked.socket, files::Need::write))
            return print(
                {false, "admin socket", *wrong + "; or become a member of its group, which admin.group names."});
        const auto answer = fetch(asked, "GET", "/v1/status");
        if (!answer)
            return print({false, "admin socket",
                          fmt::format("{}. If angod is stopped, remove the file; if it runs, see its log.",
                                      answer.error().text)});
        const auto status = json::parse(*answer);
        const std::string version = status ? json::text_or(*status, "version", "?") : "?",
                          state = status ? json::text_or(*status, "state", "?") : "?";
        print({true, "admin socket", fmt::format("angod {} answers; its state is: {}.", version, state)});
    }

    void disk() {
        if (const auto full = files::space_problem(config_.state_dir, kLeastSpace))
            return print({false, "disk", *full + "."});
        std::error_code failed;
        const auto space = std::filesystem::space(files::existing_parent(config_.state_dir), failed);
        if (failed)
            return print({false, "disk",
                          fmt::format("the free space of {} cannot be read: {}.", config_.state_dir.string(),
                                      failed.message())});
        print({true, "disk",
               fmt::format("{} has {} MB of free space.", config_.state_dir.string(), space.available >> 20)});
    }

    const Options &options_;
    const config::Config &config_;
    std::map<std::tuple<std::string, std::string, std::string>, bool> seen_;
    bool ok_ = true;
};

/// The step that failed, with its remedy.
Finding failure_of(const rest::Probe &probe, const Url &url, const std::string &key,
                   const std::optional<Proxy> &proxy) {
    const std::string server = host_and_port(url.host, url.port);
    switch (probe.failed) {
        case ProbeStep::name:
            return {
                false, "DNS",
                fmt::format("{} ({}): {}. Check the name in the configuration and the name servers of this machine.",
                            proxy ? proxy->host : url.host, key, probe.problem)};
        case ProbeStep::connection:
            return {false, proxy ? "proxy" : "TCP",
                    fmt::format("{} ({}): {}. Check the address, and firewalls between this machine and it.",
                                proxy ? "the proxy " + proxy->authority() : server, key, probe.problem)};
        case ProbeStep::proxy:
            return {false, "proxy",
                    fmt::format("{} ({}): {}. Check \"proxy\" in the configuration.", server, key, probe.problem)};
        case ProbeStep::tls:
            return {
                false, "TLS",
                fmt::format("{} ({}): {}. Install the authority of the certificate or name it with \"ca_file\"; if the "
                            "certificate has ended, its owner must renew it.",
                            server, key, probe.problem)};
        case ProbeStep::answer:
            return {false, "HTTP",
                    fmt::format("{} ({}): {}. The server takes connections, but does not answer; check that "
                                "it is Hub.",
                                server, key, probe.problem)};
        case ProbeStep::complete: break;
    }
    return {};
}

} // namespace

std::vector<Finding> findings_of(const rest::Probe &probe, const std::string &url, const std::string &key,
                                 const std::optional<Proxy> &proxy, std::int64_t now_ms) {
    const auto parsed = parse_url(url);
    if (!parsed) return {{false, "DNS", fmt::format("{}: {}", key, parsed.error().text)}};
    const std::string server = host_and_port(parsed->host, parsed->port);
    std::vector<Finding> out;
    const auto reached = [&](ProbeStep step) { return probe.failed > step; };
    if (reached(ProbeStep::name) && !proxy)
        out.push_back({true, "DNS",
                       fmt::format("{} has the address {}.", parsed->host,
                                   probe.address.empty() ? "of its name" : probe.address)});
    if (reached(ProbeStep::connection) && !proxy)
        out.push_back({true, "TCP", fmt::format("{} takes connections.", server)});
    if (reached(ProbeStep::proxy) && proxy)
        out.push_back({true, "proxy", fmt::format("{} opens the way to {}.", proxy->authority(), server)});
    if (reached(ProbeStep::tls) && parsed->encrypted()) {
        const auto end = probe.certificate_end_ms;
        const bool soon = end && *end - now_ms < kSoon;
        std::string text = fmt::format("the certificate of {} is trusted", server);
        if (end) text += fmt::format("; its chain ends on {}", day_of(*end));
        text += soon ? fmt::format(", in {} days. Its owner must renew it before that.", (*end - now_ms) / kDay) : ".";
        out.push_back({!soon, "TLS", std::move(text)});
    }
    if (probe.failed != ProbeStep::complete) {
        out.push_back(failure_of(probe, *parsed, key, proxy));
        return out;
    }
    if (!probe.date_ms) {
        out.push_back({true, "clock", fmt::format("{} does not tell its time.", server)});
        return out;
    }
    const std::int64_t skew = now_ms - *probe.date_ms;
    if (skew > kMostSkew || skew < -kMostSkew)
        out.push_back(
            {false, "clock",
             fmt::format("the clock of this machine is {} s {} that of {}. Set it, for example with \"timedatectl "
                         "set-ntp true\".",
                         std::abs(skew) / kSecond, skew > 0 ? "ahead of" : "behind", server)});
    else
        out.push_back({true, "clock", fmt::format("the clock agrees with that of {}.", server)});
    return out;
}

int doctor(const Options &options, const std::filesystem::path &config_file) {
    const auto loaded = config::load(config_file);
    if (!loaded.config) {
        for (const std::string &text : loaded.errors) std::fprintf(stderr, "error: %s\n", text.c_str());
        std::fprintf(stderr, "doctor needs a configuration without errors; --config names another file\n");
        return kUsage;
    }
    if (!rest::init_http()) {
        std::fprintf(stderr, "libcurl cannot be used on this machine\n");
        return kFailure;
    }
    return Doctor(options, *loaded.config).look() ? 0 : kFailure;
}

} // namespace angod::ctl
