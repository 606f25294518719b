// What a request needs before libcurl can sign it for S3 (version 4): libcurl signs path, query and headers as they
// stand, and a server signs them in their canonical form. Pure.
#pragma once

#include "base/result.hpp"

#include <string>
#include <string_view>

namespace angod::rest {

struct S3Key;

/// url with its path and query in canonical form: everything but unreserved characters and the slashes of the path as
/// %XX, names with "=" also where they have no value, sorted. What is escaped already stays so.
std::string s3_url(std::string_view url);

/// The value of x-amz-content-sha256.
std::string s3_content_hash(std::string_view body);

/// What libcurl's option wants: "aws:amz:REGION:s3". Without a region: us-east-1. An error (invalid) if the region is none.
Result<std::string> s3_signature(const S3Key &key);

} // namespace angod::rest
