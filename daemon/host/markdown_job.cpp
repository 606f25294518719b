#include "host/markdown_job.hpp"

#include "base/json.hpp"
#include "host/asset_import.hpp"
#include "host/csv_table.hpp"
#include "host/html_text.hpp"
#include "host/hub_access.hpp"
#include "host/markdown_options.hpp"
#include "host/project_batches.hpp"
#include "host/services.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace angod::host {

namespace {

constexpr std::size_t kMaxBatches = 10'000; // of one CSV; more are no batches, but a column that was not meant

ango_str str(std::string_view text) { return {text.data(), text.size()}; }
std::string_view view(const ango_str &text) {
    return text.size ? std::string_view(text.data, static_cast<std::size_t>(text.size)) : std::string_view();
}

std::string_view trimmed(std::string_view text) {
    constexpr std::string_view kBlanks = " \t\r\n";
    const std::size_t from = text.find_first_not_of(kBlanks);
    return from == std::string_view::npos ? std::string_view()
                                          : text.substr(from, text.find_last_not_of(kBlanks) - from + 1);
}

/// What the first reading of the CSV finds out.
struct Survey {
    std::vector<std::string> columns;
    MarkdownOptions options;
    std::uint64_t rows = 0;
    std::set<std::string> batches;
};

/// Reads the whole CSV, so that a bad row is found before anything is made of those above it.
Result<Survey> survey(Job &job, std::string_view input_file) {
    CsvTable csv(input_file, job.limits.asset_bytes);
    if (const auto opened = csv.open(); !opened) return opened.error();
    Survey out;
    out.columns = csv.columns();
    auto options = read_markdown_options(job.config, out.columns);
    if (!options) return options.error();
    out.options = std::move(*options);
    std::string last; // rows of one batch mostly follow one another
    for (CsvRow row;; ++out.rows) {
        if (job.cancel.cancelled()) return error(Code::cancelled, "cancelled");
        const auto any = csv.next(row);
        if (!any) return any.error();
        if (!*any) return out;
        if (!out.options.batch_column) continue;
        const std::string_view batch = trimmed(row.cells[*out.options.batch_column]);
        if (batch.empty() || batch == last) continue;
        last = batch;
        out.batches.insert(last);
        if (out.batches.size() > kMaxBatches)
            return error(
                Code::limit,
                fmt::format("Row {} of the CSV names batch number {} in column {}: a run can make no more than "
                            "{}. If this column is none of batches, set option \"batch_name_column\" to "
                            "\"IGNORE\".",
                            row.number, kMaxBatches + 1, json::quote(out.columns[*out.options.batch_column]),
                            kMaxBatches));
    }
}

/// The module's side of a job: begin, the rows, end.
class Lines {
public:
    Lines(const ango_markdown_v1 &table, ango_instance *instance, ango_job &job)
        : table_(table), instance_(instance), job_(job) {}
    Lines(const Lines &) = delete;
    Lines &operator=(const Lines &) = delete;
    ~Lines() {
        if (begun_ && table_.end) table_.end(instance_, &job_, state_);
        job_.job.cancel.on_cancel(nullptr);
    }

    std::int32_t begin(const std::vector<std::string> &columns, std::string_view markdown) {
        for (const std::string &column : columns) columns_.push_back(str(column));
        cells_.resize(columns_.size());
        info_ = {sizeof(ango_table), 0, columns_.data(), columns_.size(), str(markdown)};
        if (!table_.begin) return ANGO_OK;
        begun_ = true;
        return table_.begin(instance_, &job_, &info_, &state_);
    }

    /// What it makes is valid until the next call.
    std::int32_t row(std::uint64_t number, const CsvRow &row, ango_row_asset &asset) {
        for (std::size_t i = 0; i < cells_.size(); ++i) cells_[i] = str(row.cells[i]);
        const ango_row line{sizeof(ango_row), 0, number, cells_.data()};
        asset = {};
        asset.struct_size = sizeof asset;
        return table_.row(instance_, &job_, state_, &line, &asset);
    }

private:
    const ango_markdown_v1 &table_;
    ango_instance *const instance_;
    ango_job &job_;
    std::vector<ango_str> columns_, cells_;
    ango_table info_{};
    void *state_ = nullptr;
    bool begun_ = false;
};

/// "a_b" of the columns that the user named, else the number of the row.
std::string external_id(const MarkdownOptions &options, std::uint64_t number, const CsvRow &row) {
    std::string out;
    bool any = false;
    for (const std::size_t column : options.id_columns) {
        if (column != options.id_columns.front()) out += '_';
        out += row.cells[column];
        any = any || !row.cells[column].empty();
    }
    return any ? out : fmt::format("{:05}.md", number);
}

class Run {
public:
    Run(Job &job, const ango_markdown_v1 &table, ango_instance *instance, std::string_view input_file)
        : job_(job),
          handle_(job),
          hub_(job),
          batches_(hub_.hub, job.project()),
          lines_(table, instance, handle_),
          input_file_(input_file) {}

    RunResult all() {
        auto found = survey(job_, input_file_);
        if (!found) return failure_of(found.error());
        const Survey &facts = *found;
        for (const std::string &note : facts.options.notes) job_.log(LogLevel::warning, note);
        if (facts.rows == 0)
            job_.log(LogLevel::warning,
                     "The CSV has names of columns, but no row below them: there is nothing to make.");
        const std::string markdown = html_unescaped(job_.text_field("markdownText"));
        if (const std::int32_t status = lines_.begin(facts.columns, markdown); status != ANGO_OK)
            return module_failure(status, handle_);
        if (const auto made = batches_.ensure(facts.batches); !made) return failure_of(made.error());
        if (auto failed = import(facts)) return std::move(*failed);
        return Outcome{json::quote(summary(facts.rows))};
    }

private:
    std::optional<Failure> import(const Survey &facts) {
        CsvTable csv(input_file_, job_.limits.asset_bytes);
        if (const auto opened = csv.open(); !opened) return failure_of(opened.error());
        AssetImport import(job_, hub_.hub, {.chunk = facts.options.chunk});
        const std::uint64_t before = import.done();
        if (before > 0)
            job_.log(LogLevel::info,
                     fmt::format("{} assets are in the project from an earlier attempt; going on behind them", before));
        std::uint64_t reported = before;
        CsvRow row;
        for (std::uint64_t number = 0; number < facts.rows; ++number) {
            if (job_.cancel.cancelled()) return failure_of(error(Code::cancelled, "cancelled"));
            if (const auto any = csv.next(row); !any) return failure_of(any.error());
            ango_row_asset made{};
            if (const std::int32_t status = lines_.row(number, row, made); status != ANGO_OK)
                return row_failure(status, row.number);
            if (made.skip) {
                ++skipped_;
                continue;
            }
            if (made_++ < before) continue;
            auto asset = new_asset(facts.options, number, row, made);
            if (!asset) return failure_of(asset.error());
            if (const auto added = import.add(std::move(*asset)); !added) return failure_of(added.error());
            if (import.done() == reported) continue;
            reported = import.done();
            job_.progress(reported + skipped_, facts.rows);
        }
        if (const auto finished = import.finish(); !finished) return failure_of(finished.error());
        if (import.done() != reported) job_.progress(import.done() + skipped_, facts.rows);
        return std::nullopt;
    }

    Result<NewAsset> new_asset(const MarkdownOptions &options, std::uint64_t number, const CsvRow &row,
                               const ango_row_asset &made) {
        if (made.data.size > job_.limits.asset_bytes)
            return error(Code::limit, fmt::format("Row {} of the CSV gives an asset longer than {} MB, which "
                                                  "limits.asset_mb allows.",
                                                  row.number, job_.limits.asset_bytes >> 20));
        NewAsset asset;
        asset.data = view(made.data);
        asset.external_id = made.external_id.size ? view(made.external_id) : external_id(options, number, row);
        asset.labels = view(made.labels);
        std::string_view batch = trimmed(view(made.batch));
        if (batch.empty() && options.batch_column) batch = trimmed(row.cells[*options.batch_column]);
        if (batch.empty()) return asset;
        if (batches_.id(batch).empty())
            if (const auto ensured = batches_.ensure({std::string(batch)}); !ensured) return ensured.error();
        asset.batches.emplace_back(batches_.id(batch));
        return asset;
    }

    Failure row_failure(std::int32_t status, std::uint64_t row) {
        Failure failure = module_failure(status, handle_);
        failure.operator_text += fmt::format("{}in row {} of the CSV", failure.operator_text.empty() ? "" : ", ", row);
        return failure;
    }

    std::string summary(std::uint64_t rows) const {
        const auto count = [](std::uint64_t n, const char *what) {
            return fmt::format("{} {}{}", n, what, n == 1 ? "" : "s");
        };
        std::string text = fmt::format("Created {} from {} of the CSV", count(made_, "asset"), count(rows, "row"));
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
    Lines lines_; // ends before the handle does
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
