// Prepares a request for libcurl's signature for S3 (version 4): libcurl signs path, query and headers as they stand, but a
// server signs them in their canonical form. Pure.
#pragma once

#include "base/result.hpp"

#include <string>
#include <string_view>

namespace angod::rest {

struct S3Key;
struct Response;

/// url with its path and query in canonical form: everything but unreserved characters and the slashes of the path as
/// %XX, names with "=" also where they have no value, sorted. Parts that are encoded already stay so.
std::string s3_url(std::string_view url);

/// The value of x-amz-content-sha256.
std::string s3_content_hash(std::string_view body);

/// The value of libcurl's option: "aws:amz:REGION:s3". Without a region it is us-east-1. An error (invalid) for an invalid
/// region.
Result<std::string> s3_signature(const S3Key &key);

/// The body of a redirect or refusal of S3, with the bucket's region and the host of the new address that only its headers name. They
/// are added as the elements <Region> and <Endpoint> that S3 itself puts into such bodies. Other bodies, and those of successes, are
/// returned as they are.
std::string s3_explanation(const Response &response);

} // namespace angod::rest
