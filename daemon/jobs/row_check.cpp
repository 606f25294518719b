#include "jobs/row_check.hpp"

#include "base/ids.hpp"
#include "host_protocol/kind.hpp"
#include "jobs/job.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace angod::jobs {

namespace {

constexpr const char *kJobs = "jobs";

/// The columns of a row by name.
class Values {
public:
    Values(const std::vector<std::string> &columns, const Statement &row) : columns_(columns), row_(row) {}

    bool has(std::string_view name) const { return place(name) > 0; }
    int type(std::string_view name) const { return sqlite3_column_type(row_.raw(), place(name)); }
    bool is_null(std::string_view name) const { return type(name) == SQLITE_NULL; }
    std::int64_t number(std::string_view name) const { return row_.number(place(name)); }
    std::string bytes(std::string_view name) const { return row_.blob(place(name)); }

private:
    /// 0 if there is no such column.
    int place(std::string_view name) const {
        const auto found = std::find(columns_.begin(), columns_.end(), name);
        return found == columns_.end() ? 0 : static_cast<int>(found - columns_.begin()) + 1;
    }
    const std::vector<std::string> &columns_;
    const Statement &row_;
};

/// See new_id.
bool is_id(std::string_view id) {
    return id.size() == 36 && std::all_of(id.begin(), id.end(), [](char c) {
               return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || c == '-';
           });
}

bool is_printable(std::string_view text) {
    return !text.empty() && std::none_of(text.begin(), text.end(),
                                         [](char c) { return (static_cast<unsigned char>(c) < ' ') || c == 0x7f; });
}

bool is_stored_state(std::int64_t state) {
    return state >= static_cast<std::int64_t>(State::queued) && state <= static_cast<std::int64_t>(State::cancelled);
}

} // namespace

std::optional<std::string> row_problem(std::string_view table, const std::vector<std::string> &columns,
                                       const Statement &row) {
    if (table != kJobs) return std::nullopt;
    const Values job(columns, row);
    for (const char *needed : {"id", "plugin", "kind", "session", "digest", "state"})
        if (!job.has(needed)) return fmt::format("the table has no column {}", needed);
    if (!is_id(job.bytes("id"))) return "its id has other characters than an id";
    if (!is_printable(job.bytes("plugin"))) return "the name of its plugin has control characters";
    if (!is_printable(job.bytes("session"))) return "its session has control characters";
    if (job.type("state") != SQLITE_INTEGER || !is_stored_state(job.number("state")))
        return fmt::format("its state is {}, which there is not", job.number("state"));
    const bool known = std::any_of(std::begin(kAllKinds), std::end(kAllKinds), [&](PluginKind kind) {
        return static_cast<std::int64_t>(kind) == job.number("kind");
    });
    if (!known) return fmt::format("its kind is {}, which there is not", job.number("kind"));
    const bool queued = job.number("state") == static_cast<std::int64_t>(State::queued);
    if (queued && !job.is_null("event") && sha256(job.bytes("event")) != job.bytes("digest"))
        return "its event is not the one that was recorded";
    return std::nullopt;
}

std::optional<EventFile> event_file_of(std::string_view table, const std::vector<std::string> &columns,
                                       const Statement &row) {
    if (table != kJobs) return std::nullopt;
    const Values job(columns, row);
    const bool in_file = job.has("state") && job.number("state") == static_cast<std::int64_t>(State::queued) &&
                         job.has("event") && job.is_null("event");
    if (!in_file) return std::nullopt;
    return EventFile{job.bytes("id"), job.bytes("digest")};
}

} // namespace angod::jobs
