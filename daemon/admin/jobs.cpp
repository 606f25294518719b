#include "admin/json_writer.hpp"
#include "admin/routes.hpp"

#include <algorithm>

namespace angod::admin {

namespace {

void write_members(JsonWriter &out, const jobs::JobRow &row) {
    out.text("id", row.id);
    out.text("plugin", row.plugin);
    out.text("kind", name_of(row.kind));
    out.text("session", row.session);
    out.text("state", jobs::name_of(row.state));
    out.number("retries", row.attempts);
    out.time("created", row.created_ms);
    out.time("finished", row.finished_ms);
    out.text("problem", row.problem);
}

std::vector<std::string> lines_of(std::string_view text) {
    std::vector<std::string> lines;
    while (!text.empty()) {
        const std::size_t end = std::min(text.find('\n'), text.size());
        lines.emplace_back(text.substr(0, end));
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return lines;
}

void write(JsonWriter &out, const jobs::Attempt &attempt) {
    out.begin_object();
    out.time("started", attempt.started_ms);
    out.number("duration_ms", attempt.duration_ms);
    out.text("ended", jobs::name_of(attempt.end));
    out.text("reason", attempt.reason);
    out.number("generation", static_cast<std::int64_t>(attempt.generation));
    out.text("version", attempt.version);
    out.number("host_pid", attempt.host_pid);
    out.key("log");
    out.texts(lines_of(attempt.log));
    out.end_object();
}

} // namespace

std::string job_json(const jobs::JobRow &row, const std::vector<jobs::Attempt> &attempts) {
    JsonWriter out;
    out.begin_object();
    write_members(out, row);
    out.key("attempts");
    out.begin_array();
    for (const jobs::Attempt &attempt : attempts) write(out, attempt);
    out.end_array();
    out.end_object();
    return out.take();
}

std::string jobs_json(const std::vector<jobs::JobRow> &rows) {
    JsonWriter out;
    out.begin_object();
    out.key("jobs");
    out.begin_array();
    for (const jobs::JobRow &row : rows) {
        out.begin_object();
        write_members(out, row);
        out.end_object();
    }
    out.end_array();
    out.end_object();
    return out.take();
}

} // namespace angod::admin
