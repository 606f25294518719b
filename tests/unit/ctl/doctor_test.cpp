#include "ctl/doctor.hpp"

#include <doctest/doctest.h>

#include <string>
#include <vector>

using namespace angod;
using namespace angod::ctl;
using rest::Probe;
using rest::ProbeStep;

namespace {

constexpr std::int64_t kNow = 1'800'000'000'000, kDay = 86'400'000; // 2027-01-15

/// As printed, a line for each.
std::vector<std::string> lines(const Probe &probe, const std::optional<Proxy> &proxy = std::nullopt) {
    std::vector<std::string> out;
    for (const Finding &finding : findings_of(probe, "https://hub.example", "hub: url", proxy, kNow))
        out.push_back((finding.ok ? "ok " : "problem ") + finding.what + ": " + finding.text);
    return out;
}

using Lines = std::vector<std::string>;
const std::string kDns = "ok DNS: hub.example has the address 192.0.2.1.";
const std::string kTcp = "ok TCP: hub.example:443 takes connections.";

} // namespace

TEST_CASE("a call that comes through has a line for each of its steps") {
    CHECK(lines({ProbeStep::complete, "", "192.0.2.1", kNow + 40 * kDay, kNow - 1'000}) ==
          Lines{kDns, kTcp, "ok TLS: the certificate of hub.example:443 is trusted; its chain ends on 2027-02-24.",
                "ok clock: the clock agrees with that of hub.example:443."});
}

TEST_CASE("the step that failed is a problem with its remedy, and the steps before it are in order") {
    CHECK(
        lines({ProbeStep::name, "Could not resolve host", "", {}, {}}) ==
        Lines{
            "problem DNS: hub.example (hub: url): Could not resolve host. Check the name in the configuration and the "
            "name servers of this machine."});
    CHECK(lines({ProbeStep::connection, "Connection refused", "192.0.2.1", {}, {}}) ==
          Lines{kDns,
                "problem TCP: hub.example:443 (hub: url): Connection refused. Check the address, and firewalls between "
                "this machine and it."});
    CHECK(lines({ProbeStep::tls, "certificate has expired", "192.0.2.1", {}, {}}) ==
          Lines{kDns, kTcp,
                "problem TLS: hub.example:443 (hub: url): certificate has expired. Install the authority of the "
                "certificate "
                "or name it with \"ca_file\"; if the certificate has ended, its owner must renew it."});
    CHECK(lines({ProbeStep::answer, "Empty reply", "192.0.2.1", kNow + 40 * kDay, {}}).back() ==
          "problem HTTP: hub.example:443 (hub: url): Empty reply. The server takes connections, but does not answer; "
          "check "
          "that it is Hub.");
}

TEST_CASE("a proxy is named without its user and password") {
    const Proxy proxy{"proxy.example", 3128, "zaphod", "beeblebrox"};
    CHECK(lines({ProbeStep::connection, "Connection refused", "", {}, {}}, proxy) ==
          Lines{"problem proxy: the proxy proxy.example:3128 (hub: url): Connection refused. Check the address, and "
                "firewalls "
                "between this machine and it."});
    CHECK(lines({ProbeStep::complete, "", "192.0.2.7", {}, {}}, proxy) ==
          Lines{"ok proxy: proxy.example:3128 opens the way to hub.example:443.",
                "ok TLS: the certificate of hub.example:443 is trusted.",
                "ok clock: hub.example:443 does not tell its time."});
}

TEST_CASE("a certificate that ends within a week, and a clock that is wrong by more than a minute, are problems") {
    CHECK(
        lines({ProbeStep::complete, "", "192.0.2.1", kNow + 3 * kDay, kNow - 75'000}) ==
        Lines{
            kDns, kTcp,
            "problem TLS: the certificate of hub.example:443 is trusted; its chain ends on 2027-01-18, in 3 days. Its "
            "owner must renew it before that.",
            "problem clock: the clock of this machine is 75 s ahead of that of hub.example:443. Set it, for example "
            "with "
            "\"timedatectl set-ntp true\"."});
    CHECK(lines({ProbeStep::complete, "", "192.0.2.1", {}, kNow + 3'600'000}).back() ==
          "problem clock: the clock of this machine is 3600 s behind that of hub.example:443. Set it, for example with "
          "\"timedatectl set-ntp true\".");
}

TEST_CASE("the end of a certificate is read as OpenSSL writes it") {
    CHECK(rest::parse_certificate_date("Jan 15 08:00:00 2027 GMT") == kNow);
    CHECK(rest::parse_certificate_date("Nov  9 14:13:18 2026 GMT") == std::optional<std::int64_t>(1'794'233'598'000));
    for (const char *wrong :
         {"", "Nov 9", "Nov 9 14:13:18 2026", "Nov 9 14:13:18 2026 GMT x", "Nov 999 14:13:18 2026 GMT"})
        CHECK_MESSAGE(!rest::parse_certificate_date(wrong), wrong);
}
