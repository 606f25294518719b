// conversion_report.json (modules/FORMATS.md 4.10): the accounting of the run, its classes, and the table that leads
// every output back to its asset.
#pragma once

#include "common/accounting.hpp"
#include "common/buffered.hpp"
#include "common/classes.hpp"

#include <ango/module.hpp>

#include <cstdint>
#include <string_view>
#include <vector>

namespace ango::common {

/// The table "names" while assets stream by. It grows with the export, so its rows wait in a scratch file.
class NamesTable {
public:
    explicit NamesTable(Job &job) : file_(job.scratch()), rows_(file_) {}
    void add(std::string_view out, std::string_view external_id, std::string_view task_id, std::uint64_t page);
    /// Appends the rows, separated by commas, to the open entry of zip. Call it once.
    void copy_to(Writer &zip);

private:
    Scratch file_;
    Buffered<Scratch> rows_;
    bool any_ = false;
};

/// Writes the entry "conversion_report.json". first_id: the id of the first class in the target format.
void write_report(Writer &zip, std::string_view target, const Accounting &books, const Classes &classes,
                  const std::vector<Classes::Ordered> &order, std::uint64_t first_id, NamesTable &names);

} // namespace ango::common
