// The address of a bucket, and of requests for its contents. Pure.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace ango::explorer_s3 {

/// One bucket. open_store makes it.
struct ObjectStore {
    std::string id, name; ///< of the storage; name: for messages
    std::string provider; ///< as Hub says, in upper case
    std::string bucket, region;
    std::string key_id, secret; ///< empty: Hub gives none
    bool speaks_s3 = false;     ///< the bucket is at Amazon or at the endpoint of the settings
    /// Whether the module can read the bucket itself. Otherwise Hub has to list it.
    bool readable() const { return speaks_s3 && !key_id.empty() && !secret.empty(); }
    std::string
        base; ///< of a bucket that speaks S3: "https://BUCKET.s3.REGION.amazonaws.com/" or "https://ENDPOINT/BUCKET/"

    /// The host of base, without a port.
    std::string host() const;
    /// The address of ListObjectsV2 for the entries directly below a prefix.
    std::string list_url(std::string_view prefix, std::string_view token, std::uint32_t limit) const;
    /// The address of an object; each part of its key is percent-encoded.
    std::string object_url(std::string_view key) const;
};

/// The settings of the plugin.
struct StoreSettings {
    std::string endpoint; ///< "https://s3.example.test:9000"; empty: Amazon
    bool path_style = false;
    /// The same at another address, which a store named: HOST or BUCKET.HOST, perhaps with a port.
    StoreSettings at(std::string_view address, std::string_view bucket) const;
};

/// Whether text may be the name of a bucket or a region.
bool is_name(std::string_view text);

/// storage: as Hub describes it, a JSON object. bucket: of the event; empty: that of the storage. region: of the bucket; empty:
/// that of the storage. Throws ango::Failure, with a sentence for the user, if no bucket is named, or not a valid one.
ObjectStore open_store(const StoreSettings &settings, std::string_view storage, std::string_view bucket,
                       std::string_view region = {});

} // namespace ango::explorer_s3
