#include "host/markdown/markdown_options.hpp"

#include "base/json.hpp"
#include "base/utf8.hpp"
#include "host/import/asset_import.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>

namespace angod::host {

namespace {

constexpr std::size_t kMaxChunk = AssetImport::kMaxChunk;
constexpr std::size_t kQuoted = 100, kListed = 20;

std::string in_quotes(std::string_view name) { return json::quote(beginning_of(name, kQuoted)); }

std::string lower(std::string_view text) {
    std::string out(text);
    for (char &c : out)
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    return out;
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

std::optional<std::size_t> column_of(const std::vector<std::string> &columns, std::string_view name) {
    const auto at = std::find(columns.begin(), columns.end(), name);
    return at == columns.end() ? std::nullopt : std::optional(static_cast<std::size_t>(at - columns.begin()));
}

std::optional<std::size_t> detect_batch_column(const std::vector<std::string> &columns) {
    constexpr std::array<std::string_view, 4> kNames{"batch", "batch_name", "batch-name", "batchname"};
    const auto at = std::find_if(columns.begin(), columns.end(), [&](const std::string &name) {
        return std::find(kNames.begin(), kNames.end(), lower(name)) != kNames.end();
    });
    return at == columns.end() ? std::nullopt : std::optional(static_cast<std::size_t>(at - columns.begin()));
}

Result<void> read_batch_column(const json::Value &config, const std::vector<std::string> &columns,
                               MarkdownOptions &out) {
    const json::Value *value = option(config, "batch_name_column");
    if (value && !value->IsString())
        return refuse("batch_name_column", *value, "the name of a column, \"AUTO_DETECT\" or \"IGNORE\"");
    const std::string_view name = value ? json::view(*value) : "AUTO_DETECT";
    if (name == "IGNORE") return {};
    if (name != "AUTO_DETECT") out.batch_column = column_of(columns, name);
    if (out.batch_column) return {};
    out.batch_column = detect_batch_column(columns);
    if (name != "AUTO_DETECT")
        out.notes.push_back(
            fmt::format("The CSV has no column {}, which option \"batch_name_column\" names: {}.", in_quotes(name),
                        out.batch_column ? "column " + in_quotes(columns[*out.batch_column]) + " is used instead"
                                         : "the assets go to no batch"));
    return {};
}

Result<void> read_id_columns(const json::Value &config, const std::vector<std::string> &columns, MarkdownOptions &out) {
    const json::Value *value = option(config, "external_id_columns");
    if (!value) return {};
    constexpr std::string_view kAllowed = "a list of column names";
    if (!value->IsArray()) return refuse("external_id_columns", *value, kAllowed);
    for (const json::Value &name : value->GetArray()) {
        if (!name.IsString()) return refuse("external_id_columns", *value, kAllowed);
        const auto column = column_of(columns, json::view(name));
        if (!column) {
            std::vector<std::string> known;
            for (const std::string &each : columns)
                if (known.size() < kListed) known.push_back(in_quotes(each));
            return error(Code::invalid,
                         fmt::format("Option \"external_id_columns\" names the column {}, which the CSV does not have. "
                                     "Its columns are {}{}.",
                                     in_quotes(json::view(name)), fmt::join(known, ", "),
                                     columns.size() > known.size() ? ", …" : ""));
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
    if (const auto read = read_batch_column(*parsed, columns, out); !read) return read.error();
    if (const auto read = read_id_columns(*parsed, columns, out); !read) return read.error();
    if (const auto read = read_chunk(*parsed, out); !read) return read.error();
    return out;
}

} // namespace angod::host
