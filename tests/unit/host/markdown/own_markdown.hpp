// A markdown generator that is part of the test program and does what the test says.
#pragma once

#include <ango/module.h>

#include <functional>
#include <string>
#include <string_view>
#include <vector>

/// One at a time. The strings that row gives must live until the next row.
struct OwnMarkdown {
    using Row = std::function<std::int32_t(ango_job &job, const ango_row &row, ango_row_asset &asset)>;
    using Begin = std::function<std::int32_t(ango_job &job, const ango_table &table)>;

    explicit OwnMarkdown(Row how) {
        row = std::move(how);
        begin = {};
        ends = 0;
        table.struct_size = sizeof table;
        table.row = [](ango_instance *, ango_job *job, void *, const ango_row *line, ango_row_asset *asset) {
            return row(*job, *line, *asset);
        };
    }
    /// Adds begin and end. begin sets the module's state to an address that end must get.
    void with_begin(Begin how) {
        begin = std::move(how);
        table.begin = [](ango_instance *, ango_job *job, const ango_table *given, void **state) {
            *state = &ends;
            return begin(*job, *given);
        };
        table.end = [](ango_instance *, ango_job *, void *state) { ++*static_cast<int *>(state); };
    }
    static ango_str str(std::string_view text) { return {text.data(), text.size()}; }
    static std::string_view view(const ango_str &text) { return {text.data, static_cast<std::size_t>(text.size)}; }

    ango_markdown_v1 table{};
    inline static Row row;
    inline static Begin begin;
    inline static int ends = 0; ///< how often end was called
};
