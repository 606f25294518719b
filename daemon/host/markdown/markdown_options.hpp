// The options of a markdown generator that are the host's.
#pragma once

#include "base/result.hpp"

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace angod::host {

struct MarkdownOptions {
    std::optional<std::size_t> batch_column; ///< nothing: no batches but the module's
    std::vector<std::size_t> id_columns;     ///< empty: the number of the row
    std::size_t chunk = 100;                 ///< assets in an upload
    std::vector<std::string> notes;          ///< for the user: what was read otherwise than it was meant
};

/// config: a JSON object. Errors are sentences for the user.
Result<MarkdownOptions> read_markdown_options(std::string_view config, const std::vector<std::string> &columns);

} // namespace angod::host
