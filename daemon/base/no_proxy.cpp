// Each entry is read on its own, without a copy, and compared with the host of one URL. The fault of a list is found by the same
// reading, so an entry is either understood here or named in the warning. A host that is an address matches networks only, and
// one that is a name matches names only.
#include "base/no_proxy.hpp"

#include "base/host_port.hpp"
#include "base/letter_case.hpp"
#include "base/plural.hpp"
#include "base/proxy.hpp"
#include "base/server_words.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

namespace angod {

namespace {

namespace ip = boost::asio::ip;

constexpr std::string_view kSeparators = ", ;\t\r\n\v\f";
constexpr std::size_t kMostNamed = 5; // entries in one sentence

enum class EntryKind { everything, name, network, unknown };

struct Entry {
    EntryKind kind = EntryKind::unknown;
    std::string_view name; ///< a domain, without dots at its ends
    ip::address network;
    unsigned bits = 0;                 ///< of the network that count
    std::optional<std::uint16_t> port; ///< nothing: every port
};

bool digit(char c) { return c >= '0' && c <= '9'; }

bool same_text(std::string_view a, std::string_view b) {
    return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                      [](char x, char y) { return ascii_lower(x) == ascii_lower(y); });
}

/// ::ffff:10.1.2.3 is 10.1.2.3.
ip::address plain(const ip::address &address) {
    if (!address.is_v6() || !address.to_v6().is_v4_mapped()) return address;
    return ip::make_address_v4(ip::v4_mapped, address.to_v6());
}

bool is_name(std::string_view text) {
    const auto good = [](char c) {
        return (ascii_lower(c) >= 'a' && ascii_lower(c) <= 'z') || digit(c) || c == '-' || c == '_' || c == '.';
    };
    if (text.empty() || text.front() == '.' || text.back() == '.' || text.find("..") != text.npos) return false;
    const std::string_view last = text.substr(text.rfind('.') + 1);
    // A name that ends with a number would be half of an address.
    return std::all_of(text.begin(), text.end(), good) && !std::all_of(last.begin(), last.end(), digit);
}

Entry read_network(std::string_view text) {
    const std::size_t slash = text.find('/');
    std::string_view first = text.substr(0, slash);
    if (first.starts_with('[') && first.ends_with(']')) first = first.substr(1, first.size() - 2);
    const auto address = address_of(first);
    unsigned bits = 0;
    const std::string_view digits = text.substr(slash + 1);
    const auto [end, failed] = std::from_chars(digits.data(), digits.data() + digits.size(), bits);
    if (!address || failed != std::errc() || end != digits.data() + digits.size()) return {};
    if (bits > (address->is_v4() ? 32u : 128u)) return {};
    Entry entry{EntryKind::network, {}, *address, bits, {}};
    if (bits >= 96 && plain(*address) != *address) {
        entry.network = plain(*address);
        entry.bits = bits - 96;
    }
    return entry;
}

Entry read_entry(std::string_view text) {
    if (text == "*") return {EntryKind::everything, {}, {}, 0, {}};
    if (text.find('/') != text.npos) return read_network(text);
    const auto place = split_host_port(text);
    if (!place) return {};
    Entry entry;
    if (!place->port.empty()) {
        entry.port = port_of(place->port);
        if (!entry.port) return {};
    }
    if (const auto address = address_of(place->host)) {
        entry.kind = EntryKind::network;
        entry.network = plain(*address);
        entry.bits = entry.network.is_v4() ? 32 : 128;
        return entry;
    }
    std::string_view name = place->host;
    if (name.starts_with("*.")) name.remove_prefix(1);
    if (name.starts_with('.')) name.remove_prefix(1);
    if (name.ends_with('.')) name.remove_suffix(1);
    if (place->bracketed || !is_name(name)) return {};
    entry.kind = EntryKind::name;
    entry.name = name;
    return entry;
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

bool in_network(const ip::address &address, const Entry &entry) {
    if (entry.network.is_v4() != address.is_v4()) return false;
    if (address.is_v4()) return same_bits(address.to_v4().to_bytes(), entry.network.to_v4().to_bytes(), entry.bits);
    return same_bits(address.to_v6().to_bytes(), entry.network.to_v6().to_bytes(), entry.bits);
}

bool in_domain(std::string_view host, std::string_view domain) {
    if (host.ends_with('.')) host.remove_suffix(1);
    if (host.size() < domain.size() || !same_text(host.substr(host.size() - domain.size()), domain)) return false;
    return host.size() == domain.size() || host[host.size() - domain.size() - 1] == '.';
}

bool matches(const Entry &entry, const Url &url, const std::optional<ip::address> &address) {
    if (entry.port && *entry.port != url.port) return false;
    switch (entry.kind) {
        case EntryKind::everything: return true;
        case EntryKind::name: return !address && in_domain(url.host, entry.name);
        case EntryKind::network: return address && in_network(*address, entry);
        case EntryKind::unknown: return false;
    }
    return false;
}

/// Calls with each entry until that returns true. Returns whether one did.
template <class Visit> bool any_entry(std::string_view list, Visit visit) {
    while (!list.empty()) {
        const std::size_t end = std::min(list.find_first_of(kSeparators), list.size());
        if (const std::string_view entry = list.substr(0, end); !entry.empty() && visit(entry)) return true;
        list.remove_prefix(std::min(end + 1, list.size()));
    }
    return false;
}

} // namespace

bool bypasses_proxy(std::string_view no_proxy, const Url &url) {
    auto address = address_of(url.host);
    if (address) address = plain(*address);
    return any_entry(no_proxy, [&](std::string_view text) { return matches(read_entry(text), url, address); });
}

std::string no_proxy_fault(std::string_view no_proxy) {
    std::string named;
    std::size_t count = 0;
    any_entry(no_proxy, [&](std::string_view text) {
        if (read_entry(text).kind != EntryKind::unknown) return false;
        if (++count <= kMostNamed) named += fmt::format("{}\"{}\"", named.empty() ? "" : ", ", quote_foreign(text, {}));
        return false;
    });
    if (count == 0) return {};
    if (count > kMostNamed) named += fmt::format(" and {} more", count - kMostNamed);
    return fmt::format("the {} {} {} not understood and {} for nothing; an entry is a host name, which stands for its "
                       "subdomains too, an address, a network such as 10.0.0.0/8, or * for everything",
                       plural(count, "entry", "entries"), named, plural(count, "is", "are"),
                       plural(count, "counts", "count"));
}

} // namespace angod
