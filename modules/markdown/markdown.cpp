// Module "markdown", kind Markdown Generator: the user's text, with the cell of the row in place of each |column|.
#include "common/options.hpp"
#include "common/row_options.hpp"
#include "markdown/row_template.hpp"

#include <ango/module.hpp>

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
        if (!compiled->text.unknown().empty()) job.warning(unknown_names(compiled->text.unknown()));
        return compiled;
    }

    void row(Job &, State *state, const Row &row, RowAsset &asset) override {
        static_cast<const Compiled *>(state)->text.write(row, asset.data);
    }

    std::string describe() const {
        return R"({"config":{"batch_name_column":"AUTO_DETECT","external_id_columns":[],"upload_batch_size":100}})";
    }

private:
    struct Compiled : State {
        explicit Compiled(const Table &table) : text(table.markdown, table.columns) {}
        RowTemplate text;
    };

    static std::string unknown_names(const std::vector<std::string_view> &names) {
        std::string list;
        for (const std::string_view name : names) list += (list.empty() ? "|" : ", |") + std::string(name) + "|";
        return "The CSV has no column for " + list +
               " in the markdown text. It stays there as it is. Names must be equal, capital letters included.";
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
