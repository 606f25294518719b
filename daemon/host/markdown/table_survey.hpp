// The first reading of the CSV of an event: nothing is made before it is known to be good.
#pragma once

#include "host/job/job.hpp"
#include "host/markdown/markdown_options.hpp"

#include "base/result.hpp"

#include <cstdint>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace angod::host {

struct TableSurvey {
    std::vector<std::string> columns;
    MarkdownOptions options;
    std::uint64_t rows = 0;
    std::set<std::string> batches; ///< names in the column of batches
};

/// Reads it all, with the job's options. input_file: as of CsvTable. Errors are sentences for the user.
Result<TableSurvey> survey_table(const Job &job, std::string_view input_file);

/// A batch's name as it stands in a cell, without the blanks around it; empty: none.
std::string_view batch_name(std::string_view cell);

} // namespace angod::host
