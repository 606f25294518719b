// Module "markdown-agnostic", kind Markdown Generator: shows all cells of a row and needs no text of the user.
#include "common/options.hpp"
#include "common/row_options.hpp"
#include "common/text.hpp"
#include "markdown_agnostic/columns.hpp"
#include "markdown_agnostic/page.hpp"

#include <ango/module.hpp>

#include <utility>

namespace ango::markdown_agnostic {

using common::Options;

namespace {

constexpr std::uint64_t kMostSpacing = 1000; // px

/// Appends {"classifications": …}, or nothing if no cell has an answer.
void append_labels(std::string &out, const std::vector<Columns::Prelabel> &prelabels, const Row &row) {
    for (const Columns::Prelabel &prelabel : prelabels) {
        if (row[prelabel.column].empty()) continue;
        out += out.empty() ? R"({"classifications":[)" : ",";
        out += R"({"schemaId":)";
        common::append_json_string(out, prelabel.schema_id);
        out += R"(,"answer":)";
        common::append_json_string(out, row[prelabel.column]);
        out += '}';
    }
    if (!out.empty()) out += "]}";
}

class AgnosticGenerator : public Markdown {
public:
    explicit AgnosticGenerator(std::string_view settings) : settings_(settings) {
        Options(settings, "{}"); // throws, and so refuses the plugin, if they are not valid
    }

    std::unique_ptr<State> begin(Job &job, const Table &table) override {
        Options options(settings_, job.config());
        PageStyle style;
        style.title_spacing = options.whole("title_spacing", style.title_spacing, 0, kMostSpacing);
        style.two_columns = options.flag("two_columns", style.two_columns);
        style.ratio = options.number("two_columns_ratio", style.ratio, 0, 1);
        const Columns columns = read_columns(options, table.columns);
        for (const std::string &warning : columns.warnings) job.warning(warning);
        common::warn_of_unknown_options(job, settings_, options);
        return std::make_unique<Prepared>(Page(columns, style, table.columns), columns.prelabels);
    }

    void row(Job &job, State *state, const Row &row, RowAsset &asset) override {
        auto &prepared = *static_cast<Prepared *>(state);
        const auto no_frame = prepared.page.write(row, asset.data);
        if (no_frame && !std::exchange(prepared.told_of_frames, true)) job.warning(without_frame(row, *no_frame));
        append_labels(asset.labels, prepared.prelabels, row);
    }

    std::string describe() const {
        return R"({"config":{"batch_name_column":"AUTO_DETECT","external_id_columns":[],"upload_batch_size":100,)"
               R"("title_spacing":15,"iframe_columns":[],"ignore_columns":[],"prelabel_columns":[],)"
               R"("prelabel_schema_ids":[],"two_columns":false,"two_columns_ratio":0.5,"paired_columns":false,)"
               R"("paired_prefixes":[]}})";
    }

private:
    static std::string without_frame(const Row &row, std::size_t column) {
        constexpr std::size_t kQuoted = 100; // bytes
        return "A cell of the column " + common::quote(row.table.columns[column].substr(0, kQuoted)) +
               ", which option \"iframe_columns\" names, holds no http or https address, so it is shown as text: " +
               common::quote(row[column].substr(0, kQuoted)) + ". Others like it are not named.";
    }

    struct Prepared : State {
        Prepared(Page of, std::vector<Columns::Prelabel> labels) : page(std::move(of)), prelabels(std::move(labels)) {}
        Page page;
        std::vector<Columns::Prelabel> prelabels;
        bool told_of_frames = false; ///< that a cell holds no address for a frame
    };

    const std::string settings_;
};

} // namespace

} // namespace ango::markdown_agnostic

ANGO_MODULE(ango::markdown_agnostic::AgnosticGenerator,
            {.id = "markdown-agnostic",
             .version = "1.0",
             .name = "Column-Agnostic Markdown Generator",
             .summary = "Makes a markdown asset of each row of a CSV, which shows all of its cells",
             .concurrent = true})
