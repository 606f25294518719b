// The first entry of a zip, out of a stream of its bytes. Works on the thread that calls it.
#pragma once

#include "host/pipeline/byte_queue.hpp"

#include "base/result.hpp"

#include <cstdint>

namespace angod::host {

/// Reads the zip from `in` and writes its first file to `out`, which is finished or failed when this returns;
/// `in` is closed then. A zip without entries gives no bytes. max_bytes: unzipped. Catches every exception.
/// The failure is also in `out`: errors of `in` go through unchanged; damaged or missing data is Code::invalid.
void unzip_first_entry(ByteQueue &in, ByteQueue &out, std::uint64_t max_bytes);

} // namespace angod::host
