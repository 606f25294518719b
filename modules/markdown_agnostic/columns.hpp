// The columns of a table, divided as the user's options say.
#pragma once

#include "common/options.hpp"

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace ango::markdown_agnostic {

struct Columns {
    struct Pair {
        std::string_view name; ///< without the prefix
        std::size_t first, second;
    };
    struct Prelabel {
        std::size_t column;
        std::string schema_id;
    };

    std::vector<std::size_t> shown; ///< in order; without those that are paired
    std::vector<Pair> pairs;        ///< paired_columns
    std::string prefixes[2];        ///< the names of the two sides
    std::vector<bool> iframe;       ///< for each column of the table
    std::vector<Prelabel> prelabels;
    std::vector<std::string> warnings; ///< for the user
};

/// The result has views into names, which must outlive it. Throws ango::Failure, with a sentence for the user, if the
/// options do not fit the table.
Columns read_columns(common::Options &options, const std::vector<std::string_view> &names);

} // namespace ango::markdown_agnostic
