// Zip files in memory, as far as `angoctl run` needs them.
#pragma once

#include "base/result.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace angod::ctl {

/// A zip with one entry.
Result<std::string> zip_of(const std::string &name, std::string_view bytes);

/// A file of an export.
struct ExportPart {
    std::string name, text;
};
/// The files of an export that are in a zip, in their order; limit: bytes of all of them. Names of other files, as far as
/// unpack/export_zip.hpp tells them, go to left_out. An error if a part of the zip is missing or damaged.
Result<std::vector<ExportPart>> parts_of(std::string_view zip, std::size_t limit, std::vector<std::string> &left_out);

} // namespace angod::ctl
