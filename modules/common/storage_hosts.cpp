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

constexpr std::array<std::string_view, 4> kAzureHosts{".blob.core.windows.net", ".blob.core.chinacloudapi.cn",
                                                      ".blob.core.usgovcloudapi.net", ".blob.storage.azure.net"};
constexpr std::string_view kBlobType = "x-ms-blob-type", kBlockBlob = "BlockBlob";

} // namespace

std::string s3_host(std::string_view region) {
    std::string_view domain = "amazonaws.com";
    for (const Partition &partition : kPartitions)
        if (region.starts_with(partition.region)) domain = partition.domain;
    return "s3." + std::string(region) + (region.empty() ? "" : ".") + std::string(domain);
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
