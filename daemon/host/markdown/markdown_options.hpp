// The options of a markdown generator that the host reads.
#pragma once

#include "base/result.hpp"

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace angod::host {

struct MarkdownOptions {
    std::optional<std::size_t> batch_column; ///< nothing: only the module names batches
    std::vector<std::size_t> id_columns;     ///< columns of the external id; empty: the number of the row
    std::size_t chunk = 100;                 ///< assets in one upload
    std::vector<std::string> notes;          ///< warnings for the user about values that were changed
};

/// Reads the options. config: a JSON object. Errors are sentences for the user.
Result<MarkdownOptions> read_markdown_options(std::string_view config, const std::vector<std::string> &columns);

} // namespace angod::host
