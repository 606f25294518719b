// Reads an export from a zip that comes as a stream.
#pragma once

#include "base/result.hpp"

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

namespace angod {

/// Returns the next bytes of the zip, valid until the next call; empty at the end.
using ZipBytes = std::function<Result<std::string_view>()>;

/// The receiver of what is in the zip. The bool: whether it wants more.
struct ExportSink {
    std::function<bool(std::string_view)> bytes;            ///< of a file of the export, in order
    std::function<bool(const std::string &name)> part_ends; ///< after each file of the export
    std::function<void(const std::string &name)> left_out;  ///< a file that is no part of the export; a few of them
    /// May be empty. The records of the export, as a manifest counts them; or something else that it counts.
    std::function<void(std::uint64_t records)> promised;
};

struct ExportZipOptions {
    std::string what;   ///< the zip in error texts, such as "the export from Hub"
    std::string zip;    ///< the same as a container, such as "the zip from Hub"
    std::string remedy; ///< a sentence behind errors about a part that is missing, such as "Run the plugin again."
    std::uint64_t max_bytes = 0; ///< unpacked
    std::string limit;           ///< where max_bytes comes from: "limits.unzip_mb"
};

/// Passes the files with JSON in them to the sink, one behind the other. Leaves out what operating systems add ("__MACOSX/",
/// "._…", ".DS_Store"), manifests, and files that hold no JSON; the names of the last two go to left_out. A zip without files gives
/// no bytes; one with other files only, also those of operating systems, is an error that names them. At the end of the zip the files are compared with its
/// directory, and with the names and the number of parts in manifests: true means that all of the export has been passed on. False: the sink wants no more. Errors of `next` are returned
/// unchanged; damaged or missing data is Code::invalid.
Result<bool> read_export_zip(const ZipBytes &next, const ExportSink &sink, const ExportZipOptions &options);

/// Whether it begins as a zip does.
bool is_zip(std::string_view bytes);

/// A name of a file in a zip, fit for a log line. Pure.
std::string shown_name(std::string_view name);

} // namespace angod
