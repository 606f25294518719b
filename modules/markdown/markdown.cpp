// Module "markdown", kind Markdown Generator: the user's text, with the cell of the row in place of each |column|.
#include "common/names.hpp"
#include "common/options.hpp"
#include "common/row_options.hpp"
#include "common/text.hpp"
#include "markdown/row_template.hpp"

#include <ango/module.hpp>

#include <utility>

namespace ango::markdown {

namespace {

class MarkdownGenerator : public Markdown {
public:
    explicit MarkdownGenerator(std::string_view settings) : settings_(settings) {
        common::Options(settings, "{}"); // throws, and so refuses the plugin, if they are not valid
    }

    std::unique_ptr<State> begin(Job &job, const Table &table) override {
        common::Options options(settings_, job.config());
        common::warn_of_unknown_options(job, settings_, options);
        if (table.markdown.empty())
            throw Failure("The run has no markdown text to put the rows into. Write one, with |column| in each place "
                          "for a cell.");
        auto compiled = std::make_unique<Compiled>(table);
        if (!compiled->text.unknown().empty()) job.warning(unknown_names(compiled->text.unknown(), table.columns));
        return compiled;
    }

    void row(Job &job, State *state, const Row &row, RowAsset &asset) override {
        auto &compiled = *static_cast<Compiled *>(state);
        const auto unfit = compiled.text.write(row, asset.data);
        if (unfit && !std::exchange(compiled.told_of_unfit, true)) job.warning(unfit_cell(row, *unfit));
    }

    std::string describe() const {
        return R"({"config":{"batch_name_column":"AUTO_DETECT","external_id_columns":[],"upload_batch_size":100}})";
    }

private:
    struct Compiled : State {
        explicit Compiled(const Table &table) : text(table.markdown, table.columns) {}
        RowTemplate text;
        bool told_of_unfit = false; ///< that a cell could not stand at its place
    };

    static std::string in_quotes(std::string_view text) { return common::quote(text.substr(0, 100)); }

    static std::string unknown_names(const std::vector<RowTemplate::Unknown> &names,
                                     const std::vector<std::string_view> &columns) {
        std::string list, meant;
        for (const RowTemplate::Unknown &each : names) {
            std::string visible;
            common::append_visible(visible, each.name);
            list += (list.empty() ? "|" : ", |") + visible + "|";
            if (each.meant && each.meant->difference)
                meant += " The column " + in_quotes(columns[each.meant->index]) + " differs from |" + visible +
                         "| only " + std::string(common::said(*each.meant->difference)) + ".";
        }
        return "The CSV has no column for " + list +
               " in the markdown text. It stays there as it is. Names must be equal, capital letters included." + meant;
    }

    static std::string unfit_cell(const Row &row, std::size_t column) {
        return "A cell of the column " + in_quotes(row.table.columns[column]) +
               " was left out of a link or an attribute, because it could run a script or change the page there: " +
               in_quotes(row[column]) + ". Others like it are not named.";
    }

    const std::string settings_;
};

} // namespace

} // namespace ango::markdown

ANGO_MODULE(ango::markdown::MarkdownGenerator,
            {.id = "markdown",
             .version = "1.0",
             .name = "Markdown Generator",
             .summary = "Makes a markdown asset of each row of a CSV, by a text with |column| in it",
             .concurrent = true})
