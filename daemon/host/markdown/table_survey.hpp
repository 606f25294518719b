// The first pass over the CSV of an event: nothing is created before the whole file is known to be valid.
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
    std::set<std::string> batches;     ///< names in the batch column
    std::vector<std::string> warnings; ///< sentences for the user; those of the options are among them
    std::vector<std::string> notes;    ///< the same, of less weight
};

/// Reads the whole CSV and the job's options. input_file: see CsvTable. Errors are sentences for the user.
Result<TableSurvey> survey_table(const Job &job, std::string_view input_file);

} // namespace angod::host
