// Kind Markdown Generator: the user's text, with the cells of a row in place of each |column|.
#include "common/options.hpp"
#include "common/row_options.hpp"
#include "row_template.hpp"

#include <ango/module.hpp>

namespace {

class MarkdownGenerator : public ango::Markdown {
public:
    explicit MarkdownGenerator(std::string_view settings) : settings_(settings) {
        ango::convert::Options(settings, "{}"); // refuses the plugin if they cannot be read
    }

    std::unique_ptr<State> begin(ango::Job &job, const ango::Table &table) override {
        ango::convert::Options options(settings_, job.config());
        ango::convert::warn_of_unknown_options(job, settings_, options);
        if (table.markdown.empty())
            throw ango::Failure("The run came without a markdown text, so there is nothing to put the rows into. Write "
                                "one with |column| where a cell is to stand.");
        auto compiled = std::make_unique<Compiled>(table);
        if (!compiled->text.unknown().empty()) job.warning(unknown_names(compiled->text.unknown()));
        return compiled;
    }

    void row(ango::Job &, State *state, const ango::Row &row, ango::RowAsset &asset) override {
        static_cast<const Compiled *>(state)->text.write(row, asset.data);
    }

    std::string describe() const {
        return R"({"config":{"batch_name_column":"AUTO_DETECT","external_id_columns":[],"upload_batch_size":100}})";
    }

private:
    struct Compiled : State {
        explicit Compiled(const ango::Table &table) : text(table.markdown, table.columns) {}
        markdown::RowTemplate text;
    };

    static std::string unknown_names(const std::vector<std::string_view> &names) {
        std::string list;
        for (const std::string_view name : names) list += (list.empty() ? "|" : ", |") + std::string(name) + "|";
        return "The CSV has no column for " + list +
               " in the markdown text: it stays there as it is. Names must agree "
               "letter by letter, capitals too.";
    }

    const std::string settings_;
};

} // namespace

ANGO_MODULE(MarkdownGenerator, {.id = "markdown",
                                .version = "1.0",
                                .name = "Markdown Generator",
                                .summary = "Makes a markdown asset of each row of a CSV, by a text with |column| in it",
                                .concurrent = true})
