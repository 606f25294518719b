// Lays the brush traces of an image (a PNG) over others.
#pragma once

#include "base/result.hpp"

#include <string>
#include <string_view>

namespace angod::host {

/// Returns a PNG that shows the pixels of `above` with an alpha greater than 0, and those of `below` everywhere else. The
/// error (invalid) is the end of a sentence that begins with "because". Needs memory for a few rows and the result. Pure.
Result<std::string> lay_image_over(std::string_view above, std::string_view below);

} // namespace angod::host
