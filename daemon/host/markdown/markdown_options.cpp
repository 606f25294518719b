#include "host/markdown/markdown_options.hpp"

#include "base/json.hpp"
#include "base/utf8.hpp"
#include "common/names.hpp"
#include "common/text.hpp"
#include "host/import/asset_import.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>

namespace angod::host {

namespace {

constexpr std::size_t kMaxChunk = AssetImport::kMaxChunk;
constexpr std::size_t kQuoted = 100, kListed = 20;

using ango::common::ascii_lower;
using ango::common::NameIndex;
using ango::common::without_blanks;

std::string in_quotes(std::string_view name) { return ango::common::quote(beginning_of(name, kQuoted)); }

/// " The column "Day" differs from it only in upper and lower case."; empty if there is no such column.
std::string near_column(const NameIndex &columns, std::string_view name) {
    const auto near = columns.find(name);
    if (!near || !near->difference) return {};
    return fmt::format(" The column {} differs from it only {}.", in_quotes(columns[near->index]),
                       ango::common::said(*near->difference));
}

/// The option, null if it is not given.
const json::Value *option(const json::Value &config, std::string_view name) {
    const json::Value *value = json::find(config, name);
    return value && !value->IsNull() ? value : nullptr;
}

Error refuse(std::string_view name, const json::Value &value, std::string_view allowed) {
    return error(Code::invalid, fmt::format("Option \"{}\" is {}, but must be {}.", name,
                                            beginning_of(json::to_text(value), kQuoted), allowed));
}

bool names_batches(std::string_view column) {
    constexpr std::array<std::string_view, 4> kNames{"batch", "batch_name", "batch-name", "batchname"};
    return std::find(kNames.begin(), kNames.end(), ascii_lower(column)) != kNames.end();
}

/// The first column that is called as columns of batches usually are.
std::optional<std::size_t> detect_batch_column(const NameIndex &columns, MarkdownOptions &out) {
    std::optional<std::size_t> first;
    for (std::size_t i = 0; i < columns.size(); ++i) {
        if (!names_batches(columns[i])) continue;
        if (!first) {
            first = i;
        } else if (ascii_lower(columns[*first]) == ascii_lower(columns[i])) {
            out.notes.push_back(fmt::format("The columns {} and {} of the CSV differ only {}: {} names the batches. "
                                            "Option \"batch_name_column\" can name the other.",
                                            in_quotes(columns[*first]), in_quotes(columns[i]),
                                            ango::common::said(ango::common::Difference::letter_case),
                                            in_quotes(columns[*first])));
            break;
        }
    }
    return first;
}

Result<void> read_batch_column(const json::Value &config, const NameIndex &columns, MarkdownOptions &out) {
    const json::Value *value = option(config, "batch_name_column");
    if (value && !value->IsString())
        return refuse("batch_name_column", *value, "the name of a column, \"AUTO_DETECT\" or \"IGNORE\"");
    const std::string_view name = value ? without_blanks(json::view(*value)) : "AUTO_DETECT";
    const std::string word = ascii_lower(name); // the words count in any case, but a column may be called like them
    const bool is_word = name == "IGNORE" || name == "AUTO_DETECT";
    if (!is_word) out.batch_column = columns.same(name);
    if (out.batch_column || word == "ignore") return {};
    out.batch_column = detect_batch_column(columns, out);
    if (word != "auto_detect")
        out.notes.push_back(
            fmt::format("The CSV has no column {}, which option \"batch_name_column\" names: {}.{}", in_quotes(name),
                        out.batch_column ? "column " + in_quotes(columns[*out.batch_column]) + " is used instead"
                                         : "the assets go to no batch",
                        near_column(columns, name)));
    return {};
}

Result<void> read_id_columns(const json::Value &config, const NameIndex &columns, MarkdownOptions &out) {
    const json::Value *value = option(config, "external_id_columns");
    if (!value) return {};
    constexpr std::string_view kAllowed = "a list of column names";
    if (!value->IsArray()) return refuse("external_id_columns", *value, kAllowed);
    for (const json::Value &name : value->GetArray()) {
        if (!name.IsString()) return refuse("external_id_columns", *value, kAllowed);
        const auto column = columns.same(json::view(name));
        if (!column) {
            std::vector<std::string> known;
            for (std::size_t i = 0; i < columns.size() && i < kListed; ++i) known.push_back(in_quotes(columns[i]));
            return error(Code::invalid,
                         fmt::format("Option \"external_id_columns\" names the column {}, which the CSV does not have. "
                                     "Its columns are {}{}.{}",
                                     in_quotes(json::view(name)), fmt::join(known, ", "),
                                     columns.size() > known.size() ? ", …" : "",
                                     near_column(columns, json::view(name))));
        }
        out.id_columns.push_back(*column);
    }
    return {};
}

Result<void> read_chunk(const json::Value &config, MarkdownOptions &out) {
    const json::Value *value = option(config, "upload_batch_size");
    if (!value) return {};
    if (!value->IsNumber()) return refuse("upload_batch_size", *value, "a whole number");
    const double wanted = value->GetDouble();
    if (!(wanted >= 1)) return {};
    out.chunk = static_cast<std::size_t>(std::min<double>(wanted, kMaxChunk));
    if (wanted > kMaxChunk)
        out.notes.push_back(fmt::format("Option \"upload_batch_size\" is {}: {} are sent at a time, which is the most.",
                                        beginning_of(json::to_text(*value), kQuoted), kMaxChunk));
    return {};
}

} // namespace

Result<MarkdownOptions> read_markdown_options(std::string_view config, const std::vector<std::string> &columns) {
    const auto parsed = json::parse(config);
    if (!parsed) return parsed.error();
    MarkdownOptions out;
    const NameIndex names(columns);
    if (const auto read = read_batch_column(*parsed, names, out); !read) return read.error();
    if (const auto read = read_id_columns(*parsed, names, out); !read) return read.error();
    if (const auto read = read_chunk(*parsed, out); !read) return read.error();
    return out;
}

} // namespace angod::host
