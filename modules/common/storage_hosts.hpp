// The hosts of the storage providers, and the headers that they need. Pure.
// Sources: Amazon's "Service endpoints" for S3 (partitions aws, aws-cn, aws-us-gov); Microsoft's "Put Blob".
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace ango::common {

/// The host of Amazon S3 in a region, without a bucket: "s3.eu-west-1.amazonaws.com". region empty: the global host.
std::string s3_host(std::string_view region);

/// The region in the name of a host of Amazon S3: "eu-central-1" of "bucket.s3-eu-central-1.amazonaws.com" or
/// "bucket.s3.eu-central-1.amazonaws.com"; empty of other hosts.
std::string s3_region_of(std::string_view host);

/// Whether a host that a store redirects to belongs to the same store, so that a request may be signed for it with the keys of the
/// store: the same host, a host below or above it, or a host of the same domain that is called "s3…" too. Ports do not count.
bool of_same_store(std::string_view from, std::string_view to);

/// Headers that an upload to a pre-signed address at this host needs although the signature does not cover them.
std::vector<std::pair<std::string, std::string>> upload_headers(std::string_view host);

/// A header that a storage names as missing in its refusal of an upload, as far as its value is known; empty if it names
/// none. refusal: the body of the answer.
std::vector<std::pair<std::string, std::string>> missing_headers(std::string_view refusal);

} // namespace ango::common
