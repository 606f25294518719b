#include "admin/json_writer.hpp"
#include "admin/routes.hpp"

namespace angod::admin {

std::string status_json(const StatusView &status) {
    JsonWriter out;
    out.begin_object();
    out.text("version", status.version);
    out.text("state", name_of(status.state));
    out.number("pid", status.pid);
    out.time("started", status.started_ms);
    out.number("uptime_s", status.uptime_s);
    out.text("state_dir", status.state_dir);
    out.number("resident_bytes", static_cast<std::int64_t>(status.resident_bytes));
    out.key("plugins");
    out.begin_object();
    out.number("total", static_cast<std::int64_t>(status.plugins));
    out.number("live", static_cast<std::int64_t>(status.live));
    out.end_object();
    out.key("modules");
    out.begin_object();
    out.number("ready", static_cast<std::int64_t>(status.modules_ready));
    out.number("rejected", static_cast<std::int64_t>(status.modules_rejected));
    out.end_object();
    out.key("jobs");
    out.begin_object();
    out.number("queued", static_cast<std::int64_t>(status.queued));
    out.number("running", static_cast<std::int64_t>(status.running));
    out.number("answering", static_cast<std::int64_t>(status.answering));
    out.end_object();
    out.number("hosts", static_cast<std::int64_t>(status.hosts));
    out.key("hub_calls");
    out.begin_object();
    out.number("made", static_cast<std::int64_t>(status.hub_calls));
    out.number("refused", static_cast<std::int64_t>(status.hub_calls_refused));
    out.number("waiting", static_cast<std::int64_t>(status.hub_calls_waiting));
    out.end_object();
    out.key("event_loop");
    out.begin_object();
    out.number("longest_stall_ms", status.loop.longest_stall_ms);
    if (status.loop.longest_stall_at_ms > 0) out.time("longest_stall_at", status.loop.longest_stall_at_ms);
    out.number("long_stalls", static_cast<std::int64_t>(status.loop.long_stalls));
    if (!status.loop.where.empty()) out.text("where", status.loop.where);
    out.end_object();
    out.key("descriptors");
    out.begin_object();
    out.number("used", static_cast<std::int64_t>(status.descriptors));
    out.number("limit", static_cast<std::int64_t>(status.descriptor_limit));
    out.end_object();
    out.number("log_lines_dropped", static_cast<std::int64_t>(status.log_lines_dropped));
    out.end_object();
    return out.take();
}

} // namespace angod::admin
