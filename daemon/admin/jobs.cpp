#include "admin/json_writer.hpp"
#include "admin/routes.hpp"

namespace angod::admin {

namespace {

void write(JsonWriter &out, const jobs::JobRow &row) {
    out.begin_object();
    out.text("id", row.id);
    out.text("plugin", row.plugin);
    out.text("kind", name_of(row.kind));
    out.text("session", row.session);
    out.text("state", jobs::name_of(row.state));
    out.number("retries", row.attempts);
    out.time("created", row.created_ms);
    out.time("finished", row.finished_ms);
    out.text("problem", row.problem);
    out.end_object();
}

} // namespace

std::string job_json(const jobs::JobRow &row) {
    JsonWriter out;
    write(out, row);
    return out.take();
}

std::string jobs_json(const std::vector<jobs::JobRow> &rows) {
    JsonWriter out;
    out.begin_object();
    out.key("jobs");
    out.begin_array();
    for (const jobs::JobRow &row : rows) write(out, row);
    out.end_array();
    out.end_object();
    return out.take();
}

} // namespace angod::admin
