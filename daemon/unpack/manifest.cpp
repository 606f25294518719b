#include "unpack/manifest.hpp"

#include "base/json.hpp"

#include <initializer_list>

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

std::optional<std::uint64_t> first_number(const json::Value &object, std::initializer_list<const char *> members) {
    for (const char *member : members)
        if (const json::Value *value = json::find(object, member); value && value->IsUint64())
            return value->GetUint64();
    return std::nullopt;
}

} // namespace

Manifest read_manifest(std::string_view text) {
    Manifest out;
    const auto manifest = json::parse(text);
    if (!manifest || !manifest->IsObject()) return out;
    for (const char *member : {"parts", "files"}) {
        const json::Value *list = json::find(*manifest, member);
        if (!list || !list->IsArray()) continue;
        for (const json::Value &part : list->GetArray())
            if (std::string name = name_of(part); is_json(name)) out.parts.push_back(std::move(name));
    }
    out.part_count = first_number(*manifest, {"parts", "partCount", "chunks"});
    out.record_count = first_number(*manifest, {"count", "total", "records", "assets", "assetCount"});
    return out;
}

} // namespace angod
