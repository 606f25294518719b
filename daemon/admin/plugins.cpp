#include "admin/json_writer.hpp"
#include "admin/routes.hpp"

#include <fmt/format.h>

namespace angod::admin {

namespace {

void write(JsonWriter &out, const PluginView &plugin) {
    out.begin_object();
    out.text("name", plugin.name);
    out.text("id", plugin.id);
    out.text("module", plugin.module);
    out.text("module_version", plugin.module_version);
    out.number("generation", static_cast<std::int64_t>(plugin.generation));
    out.text("kind", plugin.kind);
    out.text("connector", plugin.connector);
    out.text("state", name_of(plugin.state));
    out.flag("confirmed", plugin.confirmed);
    out.text("reason", plugin.reason);
    out.number("queued", static_cast<std::int64_t>(plugin.queued));
    out.number("running", static_cast<std::int64_t>(plugin.running));
    out.number("answering", static_cast<std::int64_t>(plugin.answering));
    out.number("connects", static_cast<std::int64_t>(plugin.connects));
    out.time("last_heartbeat", plugin.last_heartbeat_ms);
    out.key("hosts");
    out.begin_array();
    for (const HostView &host : plugin.hosts) {
        out.begin_object();
        out.number("pid", host.pid);
        out.number("jobs", host.jobs);
        out.number("resident_bytes", static_cast<std::int64_t>(host.resident_bytes));
        out.number("generation", static_cast<std::int64_t>(host.generation));
        out.flag("draining", host.draining);
        out.end_object();
    }
    out.end_array();
    out.end_object();
}

} // namespace

std::string plugin_json(const PluginView &plugin) {
    JsonWriter out;
    write(out, plugin);
    return out.take();
}

std::string recording_json(const RecordingView &recording) {
    std::string out = fmt::format(R"({{"recording":{},"left_out":{},"messages":[)", recording.on, recording.left_out);
    for (const std::string &message : recording.messages) {
        if (out.back() != '[') out += ',';
        out += message;
    }
    return out + "]}";
}

std::string plugins_json(const std::vector<PluginView> &plugins) {
    JsonWriter out;
    out.begin_object();
    out.key("plugins");
    out.begin_array();
    for (const PluginView &plugin : plugins) write(out, plugin);
    out.end_array();
    out.end_object();
    return out.take();
}

} // namespace angod::admin
