// Kind Markdown Generator: the smallest generator. Every row of the CSV becomes a list of its cells.
#include <ango/module.hpp>

struct Rows : ango::Markdown {
    void row(ango::Job &, State *, const ango::Row &row, ango::RowAsset &asset) override {
        for (std::size_t i = 0; i < row.size(); ++i)
            asset.data.append("- ").append(row.table.columns[i]).append(": ").append(row[i]).append("\n");
    }
};

ANGO_MODULE(Rows,
            {.id = "markdown-rows", .version = "1.0", .summary = "Lists the cells of each row", .concurrent = true})
