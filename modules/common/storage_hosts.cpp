#include "common/storage_hosts.hpp"

#include <algorithm>
#include <array>

namespace ango::common {

namespace {

/// Regions whose names begin so are in a partition with a domain of its own. All others, GovCloud included, share one.
struct Partition {
    std::string_view region, domain;
};
constexpr std::array kPartitions{Partition{"cn-", "amazonaws.com.cn"}, Partition{"us-iso-", "c2s.ic.gov"},
                                 Partition{"us-isob-", "sc2s.sgov.gov"}, Partition{"eusc-", "amazonaws.eu"}};

constexpr std::string_view kDomain = "amazonaws.com";

constexpr std::array<std::string_view, 4> kAzureHosts{".blob.core.windows.net", ".blob.core.chinacloudapi.cn",
                                                      ".blob.core.usgovcloudapi.net", ".blob.storage.azure.net"};
constexpr std::string_view kBlobType = "x-ms-blob-type", kBlockBlob = "BlockBlob";

std::string lower(std::string_view text) {
    std::string out(text);
    for (char &c : out)
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + ('a' - 'A'));
    return out;
}

/// False for texts that two parsers of an address may read differently.
bool is_host(std::string_view text) {
    return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
        return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || c == '-' || c == '.' || c == '_' || c == ':' ||
               c == '[' || c == ']';
    });
}

/// An IP address: its last label is a number, or it has colons.
bool is_address(std::string_view host) {
    const std::string_view last = host.substr(host.rfind('.') + 1);
    return host.find(':') != host.npos || last.find_first_not_of("0123456789") == last.npos;
}

std::size_t labels(std::string_view host) {
    return host.empty() ? 0 : static_cast<std::size_t>(std::count(host.begin(), host.end(), '.')) + 1;
}

/// Whether a host is in a domain. A domain of one label, such as "com", is nobody's.
bool is_below(std::string_view host, std::string_view domain) {
    return labels(domain) > 1 && host.size() > domain.size() && host.ends_with(domain) &&
           host[host.size() - domain.size() - 1] == '.';
}

/// The labels behind "s3" or "s3-…", without a region; empty if there is no such label.
std::string_view domain_of_store(std::string_view host) {
    for (;;) {
        const std::size_t dot = host.find('.');
        if (dot == host.npos) return {};
        const std::string_view label = host.substr(0, dot);
        host.remove_prefix(dot + 1);
        if (label == "s3" || label.starts_with("s3-")) break;
    }
    while (labels(host) > 2) {
        const std::string_view label = host.substr(0, host.find('.'));
        const bool region = label.find('-') != label.npos && label.back() >= '0' && label.back() <= '9';
        if (!region && label != "dualstack") break;
        host.remove_prefix(label.size() + 1);
    }
    return labels(host) > 1 ? host : std::string_view();
}

} // namespace

std::string s3_host(std::string_view region) {
    std::string_view domain = kDomain;
    for (const Partition &partition : kPartitions)
        if (region.starts_with(partition.region)) domain = partition.domain;
    return "s3." + std::string(region) + (region.empty() ? "" : ".") + std::string(domain);
}

std::string s3_region_of(std::string_view host) {
    const auto partition = std::find_if(kPartitions.rbegin(), kPartitions.rend(), [&](const Partition &one) {
        return host.ends_with("." + std::string(one.domain));
    });
    const std::string_view domain = partition == kPartitions.rend() ? kDomain : partition->domain;
    if (!host.ends_with("." + std::string(domain))) return {};
    host.remove_suffix(domain.size() + 1);
    // Of the labels of a bucket, the last ones that fit are the service and the region.
    for (const std::string_view service : {"s3-", "s3."}) {
        const std::size_t at = host.rfind(service);
        if (at == host.npos || (at > 0 && host[at - 1] != '.')) continue;
        std::string_view region = host.substr(at + service.size());
        for (const std::string_view variant : {"dualstack.", "fips."})
            if (region.starts_with(variant)) region.remove_prefix(variant.size());
        if (region.find('.') == region.npos) return std::string(region);
    }
    return {};
}

bool of_same_store(std::string_view from, std::string_view to) {
    const std::string here = lower(from), there = lower(to);
    if (!is_host(here) || !is_host(there)) return false;
    if (here == there) return true;
    if (is_address(here) || is_address(there)) return false;
    if (is_below(there, here) || is_below(here, there)) return true;
    const std::string_view own = domain_of_store(here), other = domain_of_store(there);
    return !own.empty() && !other.empty() && (own == other || is_below(other, own) || is_below(own, other));
}

std::vector<std::pair<std::string, std::string>> upload_headers(std::string_view host) {
    if (std::any_of(kAzureHosts.begin(), kAzureHosts.end(), [&](std::string_view end) { return host.ends_with(end); }))
        return {{std::string(kBlobType), std::string(kBlockBlob)}};
    return {};
}

std::vector<std::pair<std::string, std::string>> missing_headers(std::string_view refusal) {
    const bool missing = refusal.find("MissingRequiredHeader") != refusal.npos;
    if (missing && refusal.find(kBlobType) != refusal.npos) return {{std::string(kBlobType), std::string(kBlockBlob)}};
    return {};
}

} // namespace ango::common
