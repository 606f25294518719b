// Kind Markdown Generator: shows all cells of a row, without a text by the user.
#include "columns.hpp"
#include "page.hpp"

#include "common/options.hpp"
#include "common/row_options.hpp"
#include "common/text.hpp"

#include <ango/module.hpp>

namespace {

using ango::convert::Options;
using markdown_agnostic::Columns;
using markdown_agnostic::Page;
using markdown_agnostic::PageStyle;

constexpr std::uint64_t kMostSpacing = 1000; // px

/// {"classifications": …}; empty if no cell has an answer.
void append_labels(std::string &out, const std::vector<Columns::Prelabel> &prelabels, const ango::Row &row) {
    for (const Columns::Prelabel &prelabel : prelabels) {
        if (row[prelabel.column].empty()) continue;
        out += out.empty() ? R"({"classifications":[)" : ",";
        out += R"({"schemaId":)";
        ango::convert::append_json_string(out, prelabel.schema_id);
        out += R"(,"answer":)";
        ango::convert::append_json_string(out, row[prelabel.column]);
        out += '}';
    }
    if (!out.empty()) out += "]}";
}

class AgnosticGenerator : public ango::Markdown {
public:
    explicit AgnosticGenerator(std::string_view settings) : settings_(settings) {
        Options(settings, "{}"); // refuses the plugin if they cannot be read
    }

    std::unique_ptr<State> begin(ango::Job &job, const ango::Table &table) override {
        Options options(settings_, job.config());
        PageStyle style;
        style.title_spacing = options.whole("title_spacing", style.title_spacing, 0, kMostSpacing);
        style.two_columns = options.flag("two_columns", style.two_columns);
        style.ratio = options.number("two_columns_ratio", style.ratio, 0, 1);
        const Columns columns = markdown_agnostic::read_columns(options, table.columns);
        for (const std::string &warning : columns.warnings) job.warning(warning);
        ango::convert::warn_of_unknown_options(job, settings_, options);
        return std::make_unique<Prepared>(Page(columns, style, table.columns), columns.prelabels);
    }

    void row(ango::Job &, State *state, const ango::Row &row, ango::RowAsset &asset) override {
        const auto &prepared = *static_cast<const Prepared *>(state);
        prepared.page.write(row, asset.data);
        append_labels(asset.labels, prepared.prelabels, row);
    }

    std::string describe() const {
        return R"({"config":{"batch_name_column":"AUTO_DETECT","external_id_columns":[],"upload_batch_size":100,)"
               R"("title_spacing":15,"iframe_columns":[],"ignore_columns":[],"prelabel_columns":[],)"
               R"("prelabel_schema_ids":[],"two_columns":false,"two_columns_ratio":0.5,"paired_columns":false,)"
               R"("paired_prefixes":[]}})";
    }

private:
    struct Prepared : State {
        Prepared(Page of, std::vector<Columns::Prelabel> labels) : page(std::move(of)), prelabels(std::move(labels)) {}
        Page page;
        std::vector<Columns::Prelabel> prelabels;
    };

    const std::string settings_;
};

} // namespace

ANGO_MODULE(AgnosticGenerator, {.id = "markdown-agnostic",
                                .version = "1.0",
                                .name = "Column-Agnostic Markdown Generator",
                                .summary = "Makes a markdown asset of each row of a CSV, which shows all of its cells",
                                .concurrent = true})
