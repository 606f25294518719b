// Unpacks an export from a stream of bytes. Works on the thread that calls it.
#pragma once

#include "host/pipeline/byte_queue.hpp"

#include "base/result.hpp"

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

namespace angod::host {

/// Reads the zip from `in` and writes the files of the export to `out`, one behind the other; the last block of each has ends_part.
/// unpack/export_zip.hpp says which files these are, and what goes to left_out and promised. On return `out` is finished or failed, and
/// `in` is closed. `out` is finished only if the whole zip was there. max_bytes: the limit of unzipped bytes. Errors of `in` go to `out`
/// unchanged; damaged or missing data is Code::invalid. Catches every exception.
void unzip_export(ByteQueue &in, ByteQueue &out, std::uint64_t max_bytes,
                  const std::function<void(const std::string &name)> &left_out,
                  const std::function<void(std::uint64_t records)> &promised);

} // namespace angod::host
