#include "host/explorer/file_filter.hpp"

#include "base/json.hpp"
#include "common/names.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace angod::host {

namespace {

std::string lower(std::string_view text) {
    std::string out(text);
    for (char &c : out)
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + 32);
    return out;
}

Result<void> read_extensions(const json::Value &config, std::string_view name, std::vector<std::string> &out) {
    const json::Value *value = json::find(config, name);
    if (!value || value->IsNull()) return {};
    const auto wrong = [&] {
        return error(Code::invalid,
                     fmt::format("The option {} must be a list of file name extensions, such as [\".jpg\", \".png\"]. "
                                 "Correct the plugin's configuration and run it again.",
                                 name));
    };
    if (!value->IsArray()) return wrong();
    for (const json::Value &one : value->GetArray()) {
        if (!one.IsString()) return wrong();
        std::string extension = lower(ango::common::without_blanks(json::view(one)));
        if (extension.empty()) continue;
        if (extension.front() != '.') extension.insert(0, 1, '.');
        out.push_back(std::move(extension));
    }
    return {};
}

Result<void> read_switch(const json::Value &config, std::string_view name, bool &out) {
    const json::Value *value = json::find(config, name);
    if (!value || value->IsNull()) return {};
    if (!value->IsBool())
        return error(Code::invalid, fmt::format("The option {} must be true or false. Correct the plugin's "
                                                "configuration and run it again.",
                                                name));
    out = value->GetBool();
    return {};
}

} // namespace

bool FileOptions::fits(std::string_view key) const {
    const std::string name = lower(key.substr(key.rfind('/') + 1));
    const auto ends = [&](const std::string &extension) { return name.ends_with(extension); };
    if (std::any_of(ignored.begin(), ignored.end(), ends)) return false;
    return accepted.empty() || std::any_of(accepted.begin(), accepted.end(), ends);
}

Result<FileOptions> read_file_options(std::string_view config) {
    const auto options = json::parse(config);
    if (!options) return wrap("The plugin's configuration cannot be read", options.error());
    FileOptions out;
    for (const auto &read : {read_extensions(*options, "accepted_extensions", out.accepted),
                             read_extensions(*options, "ignored_extensions", out.ignored),
                             read_extensions(*options, "ignored_extension", out.ignored),
                             read_switch(*options, "upload_subfolders", out.subfolders),
                             read_switch(*options, "prevent_duplicates", out.only_new),
                             read_switch(*options, "assign_folder_names_as_batch_name", out.folders_as_batches)})
        if (!read) return read.error();
    return out;
}

} // namespace angod::host
