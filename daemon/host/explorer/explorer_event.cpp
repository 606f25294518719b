#include "host/explorer/explorer_event.hpp"

#include <fmt/format.h>

namespace angod::host {

namespace {

Error unusable(std::string_view name, std::string_view wanted) {
    return error(
        Code::invalid,
        fmt::format("The event from Hub cannot be used: its \"{}\" is not {}. Open the folder again and repeat "
                    "the action.",
                    name, wanted));
}

Result<void> read_text(const Job &job, std::string_view name, std::string &out) {
    const auto token = job.field(name);
    if (!token) return {};
    auto text = token->starts_with('"') ? json::unquote(*token) : std::nullopt;
    if (!text) return unusable(name, "a text");
    out = std::move(*text);
    return {};
}

Result<void> read_texts(const Job &job, std::string_view name, std::vector<std::string> &out) {
    const auto token = job.field(name);
    if (!token) return {};
    const auto elements = json::elements(*token);
    if (!elements) return unusable(name, "a list of texts");
    for (const std::string_view element : *elements) {
        auto text = element.starts_with('"') ? json::unquote(element) : std::nullopt;
        if (!text) return unusable(name, "a list of texts");
        out.push_back(std::move(*text));
    }
    return {};
}

/// As in the vendor's clients: every value except empty ones, zero and false is true.
bool is_truthy(std::string_view token) {
    for (const char *no : {"false", "0", "0.0", "\"\"", "[]", "{}"})
        if (token == no) return false;
    return true;
}

} // namespace

Result<ExplorerEvent> read_explorer_event(const Job &job) {
    ExplorerEvent out;
    std::string older;
    for (const auto &read : {read_text(job, "bucket", out.bucket), read_text(job, "folder", out.folder),
                             read_text(job, "scrollToken", out.token), read_text(job, "storageId", out.storage),
                             read_text(job, "integrationId", older), read_texts(job, "files", out.files),
                             read_texts(job, "batches", out.batches)})
        if (!read) return read.error();
    if (out.storage.empty()) out.storage = std::move(older);
    const auto upload = job.field("upload");
    out.upload = upload && is_truthy(*upload);
    return out;
}

} // namespace angod::host
