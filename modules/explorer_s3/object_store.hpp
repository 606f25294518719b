// Where a bucket is and how to ask for its contents. Pure.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace ango::s3 {

/// One bucket. Throws ango::Failure, with a sentence for the user, from its maker.
struct ObjectStore {
    std::string name;     ///< of the storage, for people
    std::string provider; ///< as Hub says it, upper case
    std::string bucket, region;
    std::string key_id, secret;
    std::string base; ///< "https://BUCKET.s3.REGION.amazonaws.com/" or "https://ENDPOINT/BUCKET/"

    /// ListObjectsV2 of what lies directly under a prefix.
    std::string list_url(std::string_view prefix, std::string_view token, std::uint32_t limit) const;
    /// The address of an object, each part of its key escaped.
    std::string object_url(std::string_view key) const;
};

/// How the operator set the plugin up.
struct StoreSettings {
    std::string endpoint; ///< "https://s3.example.test:9000"; empty: Amazon
    bool path_style = false;
};

/// storage: as Hub describes it, a JSON object. bucket: of the event; empty: that of the storage.
ObjectStore open_store(const StoreSettings &settings, std::string_view storage, std::string_view bucket);

} // namespace ango::s3
