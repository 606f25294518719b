#include "admin/json_writer.hpp"
#include "admin/routes.hpp"

namespace angod::admin {

namespace {

void write(JsonWriter &out, const ModuleView &module) {
    out.begin_object();
    out.text("id", module.id);
    out.text("name", module.name);
    out.text("version", module.version);
    out.text("summary", module.summary);
    out.text("state", module.state);
    out.text("reason", module.reason);
    out.number("generation", static_cast<std::int64_t>(module.generation));
    out.text("abi", module.abi);
    out.key("kinds");
    out.texts(module.kinds);
    out.text("file", module.file);
    out.text("sha256", module.sha256);
    out.text("fallback_version", module.fallback_version);
    out.key("files");
    out.begin_array();
    for (const ModuleFileView &file : module.files) {
        out.begin_object();
        out.text("file", file.file);
        out.text("sha256", file.sha256);
        out.text("state", file.state);
        out.text("reason", file.reason);
        out.end_object();
    }
    out.end_array();
    out.key("generations");
    out.begin_array();
    for (const GenerationView &one : module.generations) {
        out.begin_object();
        out.number("number", static_cast<std::int64_t>(one.number));
        out.text("sha256", one.sha256);
        out.text("version", one.version);
        out.time("since", one.since_ms);
        out.time("until", one.until_ms);
        out.text("ended", one.ended);
        out.end_object();
    }
    out.end_array();
    out.end_object();
}

} // namespace

std::string module_json(const ModuleView &module) {
    JsonWriter out;
    write(out, module);
    return out.take();
}

std::string modules_json(const std::vector<ModuleView> &modules) {
    JsonWriter out;
    out.begin_object();
    out.key("modules");
    out.begin_array();
    for (const ModuleView &module : modules) write(out, module);
    out.end_array();
    out.end_object();
    return out.take();
}

} // namespace angod::admin
