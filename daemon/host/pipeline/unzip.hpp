// Unpacks an export from a stream of bytes. Works on the thread that calls it.
#pragma once

#include "host/pipeline/byte_queue.hpp"

#include "base/result.hpp"

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

namespace angod::host {

/// Reads the zip from `in`, which may be gzipped once more, and writes the files with JSON in it to `out`, one behind the
/// other; the last block of each has ends_part. Leaves out what operating systems add ("__MACOSX/", "._…", ".DS_Store"),
/// manifests, and files that hold no JSON; the names of the last two go to left_out. On return `out` is finished or failed,
/// and `in` is closed. A zip without entries gives no bytes; one with other files only is an error that names them.
/// max_bytes: the limit of unzipped bytes. Errors of `in` go to `out` unchanged; damaged or missing data is Code::invalid.
/// Catches every exception.
void unzip_export(ByteQueue &in, ByteQueue &out, std::uint64_t max_bytes,
                  const std::function<void(const std::string &name)> &left_out);

/// A name of a file in a zip, fit for a log line. Pure.
std::string shown_name(std::string_view name);

} // namespace angod::host
