#include "ctl/run_event.hpp"

#include "base/ids.hpp"
#include "base/json.hpp"

#include <algorithm>
#include <utility>

namespace angod::ctl {

namespace {

using Fields = std::vector<std::pair<const char *, std::string>>;

Fields fields_of(PluginKind kind) {
    Fields fields{{"session", json::quote(new_id())},
                  {"projectId", R"("project-1")"},
                  {"orgId", R"("organisation-1")"},
                  {"runBy", R"("user-1")"},
                  {"apiKey", R"("no-api-key")"},
                  {"configJSON", R"("{}")"},
                  {"batches", "[]"}};
    const auto add = [&](Fields more) { fields.insert(fields.end(), more.begin(), more.end()); };
    constexpr const char *kClasses = R"([{"schemaId":"schema-1","modelClass":"class-1"}])";
    switch (kind) {
        case PluginKind::export_: add({{"stage", R"(["Complete"])"}}); break;
        case PluginKind::model:
            add({{"assetId", R"("asset-1")"},
                 {"taskId", R"("task-1")"},
                 {"dataURL", R"("https://assets.example/asset-1.jpg")"},
                 {"categorySchema", kClasses},
                 {"workflow", "false"},
                 {"overwrite", "true"}});
            break;
        case PluginKind::batch_model: add({{"categorySchema", kClasses}}); break;
        case PluginKind::file_explorer:
            add({{"bucket", R"("bucket-1")"},
                 {"folder", R"("")"},
                 {"files", "null"},
                 {"upload", "false"},
                 {"scrollToken", "null"}});
            break;
        case PluginKind::markdown:
            add({{"inputFile", '"' + to_base64("name,text\nfirst,Hello\n") + '"'},
                 {"markdownText", R"("# |name|\n|text|")"}});
            break;
        case PluginKind::input: add({{"fileExplorerOptions", "{}"}}); break;
    }
    return fields;
}

std::string object_of(const std::vector<json::Member> &members) {
    std::string out = "{";
    for (const json::Member &member : members) {
        if (out.size() > 1) out += ',';
        out.append(json::quote(member.name)).append(":").append(member.value);
    }
    return out + "}";
}

} // namespace

Result<RunEvent> complete_event(std::string_view given, PluginKind kind) {
    auto members = json::members(given);
    if (!members) return members.error();
    RunEvent event;
    const Fields fields = fields_of(kind);
    const auto has = [&](std::string_view name) {
        return std::any_of(members->begin(), members->end(),
                           [&](const json::Member &member) { return member.name == name; });
    };
    for (const auto &[name, value] : fields) {
        if (has(name)) continue;
        members->push_back({name, value});
        event.filled.emplace_back(name);
    }
    for (const json::Member &member : *members)
        if (member.name == "apiKey") event.api_key = member.value;
    event.text = object_of(*members);
    return event;
}

Result<std::string> with_input_file(std::string_view event, std::string_view bytes) {
    auto members = json::members(event);
    if (!members) return members.error();
    std::erase_if(*members, [](const json::Member &member) { return member.name == "inputFile"; });
    const std::string token = '"' + to_base64(bytes) + '"';
    members->push_back({"inputFile", token});
    return object_of(*members);
}

} // namespace angod::ctl
