// A markdown generator makes an asset of each row of a CSV.
#include <ango/module.hpp>

#include <cstddef>

struct ModuleClass : ango::Markdown {
    void row(ango::Job &, State *, const ango::Row &row, ango::RowAsset &asset) override {
        for (std::size_t i = 0; i < row.size(); ++i)
            asset.data.append("- ").append(row.table.columns[i]).append(": ").append(row[i]).append("\n");
    }
};

ANGO_MODULE(ModuleClass, {.id = "module-id", .version = "0.1", .summary = "Lists the cells of each row"})
