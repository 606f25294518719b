#include "host/markdown/table_survey.hpp"

#include "base/json.hpp"
#include "host/hub/project_batches.hpp"
#include "host/markdown/csv_table.hpp"

#include <fmt/format.h>

namespace angod::host {

std::string_view batch_name(std::string_view cell) {
    constexpr std::string_view kBlanks = " \t\r\n";
    const std::size_t from = cell.find_first_not_of(kBlanks);
    return from == std::string_view::npos ? std::string_view()
                                          : cell.substr(from, cell.find_last_not_of(kBlanks) - from + 1);
}

Result<TableSurvey> survey_table(const Job &job, std::string_view input_file) {
    CsvTable csv(input_file, job.limits.asset_bytes);
    if (const auto opened = csv.open(); !opened) return opened.error();
    TableSurvey out;
    out.columns = csv.columns();
    auto options = read_markdown_options(job.config, out.columns);
    if (!options) return options.error();
    out.options = std::move(*options);
    std::string last; // the rows of one batch usually stand together
    for (CsvRow row;; ++out.rows) {
        if (job.cancel.cancelled()) return error(Code::cancelled, "cancelled");
        const auto any = csv.next(row);
        if (!any) return any.error();
        if (!*any) return out;
        if (!out.options.batch_column) continue;
        const std::string_view batch = batch_name(row.cells[*out.options.batch_column]);
        if (batch.empty() || batch == last) continue;
        last = batch;
        out.batches.insert(last);
        if (out.batches.size() > kMaxNewBatches)
            return error(
                Code::limit,
                fmt::format("Row {} of the CSV names batch number {} in column {}: a run can make no more than "
                            "{}. If this column does not contain batches, set option \"batch_name_column\" to "
                            "\"IGNORE\".",
                            row.number, kMaxNewBatches + 1, json::quote(out.columns[*out.options.batch_column]),
                            kMaxNewBatches));
    }
}

} // namespace angod::host
