#include "unpack/manifest.hpp"

#include "base/json.hpp"

namespace angod {

namespace {

std::string name_of(const json::Value &part) {
    if (part.IsString()) return std::string(json::view(part));
    if (!part.IsObject()) return {};
    for (const char *member : {"name", "file", "fileName", "path", "key"})
        if (std::string name = json::text_or(part, member, ""); !name.empty()) return name;
    return {};
}

/// A manifest may list other files too, such as the pictures of the assets.
bool is_json(std::string_view name) {
    return name.ends_with(".json") || name.ends_with(".ndjson") || name.ends_with(".jsonl");
}

} // namespace

std::vector<std::string> parts_of_manifest(std::string_view text) {
    std::vector<std::string> out;
    const auto manifest = json::parse(text);
    if (!manifest || !manifest->IsObject()) return out;
    for (const char *member : {"parts", "files"}) {
        const json::Value *list = json::find(*manifest, member);
        if (!list || !list->IsArray()) continue;
        for (const json::Value &part : list->GetArray())
            if (std::string name = name_of(part); is_json(name)) out.push_back(std::move(name));
    }
    return out;
}

} // namespace angod
