// Zip files in memory, as far as `angoctl run` needs them.
#pragma once

#include "base/result.hpp"

#include <string>
#include <string_view>

namespace angod::ctl {

/// Whether it begins as a zip does.
bool is_zip(std::string_view bytes);

/// A zip with one entry.
Result<std::string> zip_of(const std::string &name, std::string_view bytes);

/// The content of the first entry of a zip, at most limit bytes.
Result<std::string> first_entry(std::string_view zip, std::size_t limit);

} // namespace angod::ctl
