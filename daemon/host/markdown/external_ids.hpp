// The names of the assets that a table gives. Hub finds an asset by its name when labels are imported.
#pragma once

#include "host/markdown/csv_table.hpp"
#include "host/markdown/markdown_options.hpp"

#include "base/hash_set.hpp"
#include "base/result.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace angod::host {

/// Returns the cells of the columns that the user chose, joined like "a_b"; if nothing can be seen in them, the number,
/// like "00007.md". number: of the row, from 0, as modules count.
std::string external_id(const MarkdownOptions &options, std::uint64_t number, const CsvRow &row);

/// Finds rows that give the same name, or names that look the same. It keeps a hash of each name, and the rows of the
/// first few. One for each pass over a table that has columns of names.
class EqualIds {
public:
    /// Takes the next row.
    void add(const MarkdownOptions &options, std::uint64_t number, const CsvRow &row);
    /// Whether a row has the name of an earlier one. Then the table has to be read again, because only its second row is
    /// known.
    bool any() const { return repeated_ > 0; }
    /// Reads the table from its start and returns one sentence for the user for each of the first few names.
    Result<std::vector<std::string>> sentences(const MarkdownOptions &options, CsvTable &table) const;
    /// Rows without a name of their own.
    const CsvTable::EmptyRows &unnamed() const { return unnamed_; }

private:
    struct Repeated {
        std::string look, id;
        std::uint64_t row;
    };
    HashSet looks_;
    std::vector<Repeated> first_; ///< the first rows that repeat a name, of different names
    std::uint64_t repeated_ = 0;
    CsvTable::EmptyRows unnamed_;
};

} // namespace angod::host
