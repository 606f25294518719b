#include "host/module/service_tables.hpp"

#include "host/module/handles.hpp"

#include <string>

namespace angod::host::service {

namespace {

std::int32_t listing_folder(ango_listing *page, const ango_str *prefix) {
    if (!page || !prefix) return ANGO_INVALID;
    return guarded([&] {
        if (!page->listing.has_room()) return ANGO_LIMIT;
        page->listing.folders.emplace_back(view(prefix));
        return ANGO_OK;
    });
}

std::int32_t listing_file(ango_listing *page, const ango_str *key, const ango_str *url) {
    if (!page || !key) return ANGO_INVALID;
    return guarded([&] {
        if (!page->listing.has_room()) return ANGO_LIMIT;
        page->listing.files.push_back({std::string(view(key)), std::string(view(url))});
        return ANGO_OK;
    });
}

std::int32_t listing_next(ango_listing *page, const ango_str *token) {
    if (!page || !token || token->size == 0 || token->size > Listing::kMaxToken) return ANGO_INVALID;
    return guarded([&] {
        page->listing.next = view(token);
        return ANGO_OK;
    });
}

} // namespace

constinit const ango_listing_v1 kListing{sizeof(ango_listing_v1), 0, listing_folder, listing_file, listing_next};

} // namespace angod::host::service
