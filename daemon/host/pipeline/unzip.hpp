// Unpacks the first file of a zip from a stream of bytes. Works on the thread that calls it.
#pragma once

#include "host/pipeline/byte_queue.hpp"

#include "base/result.hpp"

#include <cstdint>

namespace angod::host {

/// Reads the zip from `in` and writes its first file to `out`. On return `out` is finished or failed, and `in` is
/// closed. A zip without entries gives no bytes. max_bytes: the limit of unzipped bytes. Errors of `in` go to `out`
/// unchanged; damaged or missing data is Code::invalid. Catches every exception.
void unzip_first_entry(ByteQueue &in, ByteQueue &out, std::uint64_t max_bytes);

} // namespace angod::host
