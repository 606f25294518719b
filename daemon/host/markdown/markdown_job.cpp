// The CSV is read twice, because nothing may be created before the whole file is known to be valid. The first pass
// (survey_table) finds errors, counts rows and collects batches. The second pass asks the module for an asset for each
// row and gives it to AssetImport. A later attempt repeats both passes and skips the assets that the import has done.
// All of it on the job's thread.
#include "host/markdown/markdown_job.hpp"

#include "base/json.hpp"
#include "common/names.hpp"
#include "host/hub/hub_access.hpp"
#include "host/hub/project_batches.hpp"
#include "host/import/asset_import.hpp"
#include "host/markdown/csv_table.hpp"
#include "host/markdown/external_ids.hpp"
#include "host/markdown/html_text.hpp"
#include "host/markdown/table_module.hpp"
#include "host/markdown/table_survey.hpp"
#include "host/module/handles.hpp"
#include "host/module/module_failure.hpp"

#include <fmt/format.h>

namespace angod::host {

using ango::common::without_blanks;

namespace {

std::string_view view(const ango_str &text) {
    return text.size ? std::string_view(text.data, static_cast<std::size_t>(text.size)) : std::string_view();
}

class Run {
public:
    Run(Job &job, const ango_markdown_v1 &table, ango_instance *instance, std::string_view input_file)
        : job_(job),
          handle_(job),
          hub_(job),
          batches_(hub_.hub, job.project()),
          module_(table, instance, handle_),
          input_file_(input_file) {}

    RunResult all() {
        auto found = survey_table(job_, input_file_);
        if (!found) return failure_of(found.error());
        facts_ = std::move(*found);
        for (const std::string &warning : facts_.warnings) job_.log(LogLevel::warning, warning);
        for (const std::string &note : facts_.notes) job_.log(LogLevel::info, note);
        if (facts_.rows == 0)
            job_.log(LogLevel::warning,
                     "The CSV names columns but has no rows below them: there is nothing to create.");
        markdown_ = html_unescaped(job_.text_field("markdownText"));
        constexpr std::string_view kByteOrderMark = "\xef\xbb\xbf";
        while (markdown_.starts_with(kByteOrderMark)) markdown_.erase(0, kByteOrderMark.size());
        if (const std::int32_t status = module_.begin(facts_.columns, markdown_); status != ANGO_OK)
            return module_failure(status, handle_);
        if (const auto made = batches_.ensure(facts_.batches); !made) return failure_of(made.error());
        tell_of_batches();
        if (auto failed = import()) return std::move(*failed);
        return Outcome{json::quote(summary())};
    }

private:
    std::optional<Failure> import() {
        CsvTable csv(input_file_, job_.limits.asset_bytes);
        if (const auto opened = csv.open(); !opened) return failure_of(opened.error());
        AssetImport import(job_, hub_.hub, {.chunk = facts_.options.chunk, .total = facts_.rows});
        const std::uint64_t before = import.done();
        if (before > 0)
            job_.log(LogLevel::info,
                     fmt::format("an earlier attempt created {} assets; continuing after them", before));
        CsvRow row;
        for (std::uint64_t number = 0; number < facts_.rows; ++number) {
            if (job_.cancel.cancelled()) return failure_of(error(Code::cancelled, "cancelled"));
            if (const auto any = csv.next(row); !any) return failure_of(any.error());
            ango_row_asset made{};
            if (const std::int32_t status = module_.row(number, row, made); status != ANGO_OK)
                return row_failure(status, row.number);
            if (made.skip) {
                ++skipped_;
                continue;
            }
            if (made_++ < before) continue;
            auto asset = new_asset(number, row, made);
            if (!asset) return failure_of(asset.error());
            if (const auto added = import.add(std::move(*asset)); !added) return failure_of(added.error());
        }
        if (const auto finished = import.finish(); !finished) return failure_of(finished.error());
        return std::nullopt;
    }

    Result<NewAsset> new_asset(std::uint64_t number, const CsvRow &row, const ango_row_asset &made) {
        const MarkdownOptions &options = facts_.options;
        if (made.data.size > job_.limits.asset_bytes)
            return error(Code::limit, fmt::format("Row {} of the CSV gives an asset longer than {} MB, which "
                                                  "limits.asset_mb allows.",
                                                  row.number, job_.limits.asset_bytes >> 20));
        NewAsset asset;
        asset.data = view(made.data);
        asset.external_id = made.external_id.size ? view(made.external_id) : external_id(options, number, row);
        asset.labels = view(made.labels);
        std::string_view batch = without_blanks(view(made.batch));
        if (batch.empty() && options.batch_column) batch = without_blanks(row.cells[*options.batch_column]);
        if (batch.empty()) return asset;
        if (batches_.id(batch).empty()) { // a batch that only the module names
            if (batches_.created() >= kMaxNewBatches)
                return error(Code::limit,
                             fmt::format("The plugin names more than {} new batches, in row {} of the CSV.",
                                         kMaxNewBatches, row.number));
            if (const auto ensured = batches_.ensure({std::string(batch)}); !ensured) return ensured.error();
            tell_of_batches();
        }
        asset.batches.emplace_back(batches_.id(batch));
        return asset;
    }

    void tell_of_batches() {
        for (const std::string &warning : batches_.take_warnings()) job_.log(LogLevel::warning, warning);
    }

    Failure row_failure(std::int32_t status, std::uint64_t row) {
        Failure failure = module_failure(status, handle_);
        failure.operator_text += fmt::format("{}in row {} of the CSV", failure.operator_text.empty() ? "" : ", ", row);
        return failure;
    }

    std::string summary() const {
        const auto count = [](std::uint64_t n, const char *what) {
            return fmt::format("{} {}{}", n, what, n == 1 ? "" : "s");
        };
        std::string text =
            fmt::format("Created {} from {} of the CSV", count(made_, "asset"), count(facts_.rows, "row"));
        if (skipped_ > 0) text += fmt::format("; the plugin left out {}", count(skipped_, "row"));
        if (batches_.created() > 0) {
            const bool one = batches_.created() == 1;
            text += fmt::format("; {} new batch{} {} added to the project", batches_.created(), one ? "" : "es",
                                one ? "was" : "were");
        }
        return text + ".";
    }

    Job &job_;
    ango_job handle_;
    HubAccess hub_;
    ProjectBatches batches_;
    TableSurvey facts_;
    std::string markdown_;
    TableModule module_; // destroyed before the objects that it refers to
    const std::string_view input_file_;
    std::uint64_t made_ = 0, skipped_ = 0; ///< rows
};

} // namespace

RunResult run_markdown(Job &job, const ango_markdown_v1 &table, ango_instance *instance) {
    const auto input_file = job.field("inputFile");
    if (!input_file || !input_file->starts_with('"'))
        return Failure{"The event from Hub carries no CSV file in \"inputFile\". Choose one and run the plugin again.",
                       "", -1};
    return Run(job, table, instance, *input_file).all();
}

} // namespace angod::host
