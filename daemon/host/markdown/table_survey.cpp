#include "host/markdown/table_survey.hpp"

#include "common/names.hpp"
#include "common/text.hpp"
#include "host/hub/project_batches.hpp"
#include "host/markdown/csv_table.hpp"
#include "host/markdown/external_ids.hpp"

#include <fmt/format.h>

namespace angod::host {

namespace {

/// "Row 4 of the CSV", or "7 rows of the CSV, of which the first is row 4,".
std::string subject(const CsvTable::EmptyRows &rows) {
    return rows.count == 1 ? fmt::format("Row {} of the CSV", rows.first)
                           : fmt::format("{} rows of the CSV, of which the first is row {},", rows.count, rows.first);
}

Result<void> note_ids(const Job &job, std::string_view input_file, const EqualIds &ids, TableSurvey &out) {
    if (const auto &rows = ids.unnamed(); rows.count > 0)
        out.notes.push_back(fmt::format("{} {} no text in the columns of option \"external_id_columns\": the number of "
                                        "the row is its external ID.",
                                        subject(rows), rows.count == 1 ? "has" : "have"));
    if (!ids.any()) return {};
    CsvTable again(input_file, job.limits.asset_bytes);
    auto sentences = ids.sentences(out.options, again);
    if (!sentences) return sentences.error();
    for (std::string &sentence : *sentences) out.warnings.push_back(std::move(sentence));
    return {};
}

Result<void> take_batch(const CsvRow &row, std::string &last, TableSurvey &out) {
    const std::string_view batch = ango::common::without_blanks(row.cells[*out.options.batch_column]);
    if (batch.empty() || batch == last) return {};
    last = batch;
    out.batches.insert(last);
    if (out.batches.size() <= kMaxNewBatches) return {};
    return error(Code::limit,
                 fmt::format("Row {} of the CSV names batch number {} in column {}: a run can make no more than "
                             "{}. If this column does not contain batches, set option \"batch_name_column\" to "
                             "\"IGNORE\".",
                             row.number, kMaxNewBatches + 1,
                             ango::common::quote(out.columns[*out.options.batch_column]), kMaxNewBatches));
}

} // namespace

Result<TableSurvey> survey_table(const Job &job, std::string_view input_file) {
    CsvTable csv(input_file, job.limits.asset_bytes);
    if (const auto opened = csv.open(); !opened) return opened.error();
    TableSurvey out;
    out.columns = csv.columns();
    auto options = read_markdown_options(job.config, out.columns);
    if (!options) return options.error();
    out.options = std::move(*options);
    out.warnings = out.options.notes;
    EqualIds ids;
    std::string last; // the rows of one batch usually stand together
    for (CsvRow row;; ++out.rows) {
        if (job.cancel.cancelled()) return error(Code::cancelled, "cancelled");
        const auto any = csv.next(row);
        if (!any) return any.error();
        if (!*any) break;
        if (!out.options.id_columns.empty()) ids.add(out.options, out.rows, row);
        if (!out.options.batch_column) continue;
        if (const auto taken = take_batch(row, last, out); !taken) return taken.error();
    }
    if (const auto &rows = csv.empty_rows(); rows.count > 0)
        out.notes.push_back(fmt::format("{} {} only empty cells and {} left out.", subject(rows),
                                        rows.count == 1 ? "has" : "have", rows.count == 1 ? "was" : "were"));
    if (const auto noted = note_ids(job, input_file, ids, out); !noted) return noted.error();
    return out;
}

} // namespace angod::host
