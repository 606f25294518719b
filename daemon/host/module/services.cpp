#include "host/module/services.hpp"

#include "host/module/service_tables.hpp"

#include <algorithm>

namespace angod::host {

namespace {

struct Service {
    std::string_view name;
    std::uint32_t revision;
    const void *table;
};
constexpr Service kServices[] = {
    {"ango.job", 1, &service::kJob},         {"ango.log", 1, &service::kLog},
    {"ango.cancel", 1, &service::kCancel},   {"ango.reader", 1, &service::kReader},
    {"ango.writer", 1, &service::kWriter},   {"ango.scratch", 1, &service::kScratch},
    {"ango.result", 1, &service::kResult},   {"ango.failure", 1, &service::kFailure},
    {"ango.http", 1, &service::kHttp},       {"ango.hub", 1, &service::kHub},
    {"ango.listing", 1, &service::kListing},
};

const void *service_of_host(const ango_host *, const ango_str *name, std::uint32_t revision) {
    return find_service(service::view(name), revision);
}

} // namespace

const void *find_service(std::string_view name, std::uint32_t revision) {
    for (const Service &one : kServices)
        if (one.name == name && one.revision == revision) return one.table;
    return nullptr;
}

std::uint32_t last_revision(std::string_view name) {
    std::uint32_t last = 0;
    for (const Service &one : kServices)
        if (one.name == name) last = std::max(last, one.revision);
    return last;
}

const ango_host &host_table() {
    static const ango_host host{sizeof(ango_host), ANGO_ABI, nullptr, service_of_host};
    return host;
}

} // namespace angod::host
