// The answers of the admin API as tables and lines for people.
//
// Every text that came from elsewhere goes through shown() or printable(), so it cannot control the terminal. Columns are as
// wide as their widest cell, counted in characters.
#include "ctl/tables.hpp"

#include "base/printable.hpp"
#include "base/units.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <vector>

namespace angod::ctl {

namespace {

using Row = std::vector<std::string>;

/// The time in a job's id, in milliseconds: mostly enough to tell it from all others, also from those that are not shown.
constexpr std::size_t kShortId = 13;

std::string cell(const json::Value &object, std::string_view name) {
    const json::Value *value = json::find(object, name);
    return value ? shown(*value) : "-";
}

std::size_t width(std::string_view text) {
    return static_cast<std::size_t>(
        std::count_if(text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xc0) != 0x80; }));
}

std::string render(const std::vector<Row> &rows) {
    std::vector<std::size_t> widths;
    for (const Row &row : rows)
        for (std::size_t i = 0; i < row.size(); ++i) {
            if (widths.size() <= i) widths.push_back(0);
            widths[i] = std::max(widths[i], width(row[i]));
        }
    std::string out;
    for (const Row &row : rows) {
        std::string line;
        for (std::size_t i = 0; i < row.size(); ++i) line += row[i] + std::string(widths[i] - width(row[i]) + 2, ' ');
        line.erase(line.find_last_not_of(' ') + 1);
        out += line + "\n";
    }
    return out;
}

std::string table(const json::Value &answer, std::string_view list, const Row &heads,
                  const std::vector<std::string_view> &names) {
    std::vector<Row> rows{heads};
    if (const json::Value *items = json::find(answer, list); items && items->IsArray())
        for (const auto &item : items->GetArray()) {
            Row row;
            for (const std::string_view name : names) row.push_back(cell(item, name));
            rows.push_back(std::move(row));
        }
    return render(rows);
}

/// The ids of the list, each as short as makes all of them different in this list.
std::size_t short_length(const json::Value &answer) {
    std::vector<std::string> ids;
    if (const json::Value *jobs = json::find(answer, "jobs"); jobs && jobs->IsArray())
        for (const auto &job : jobs->GetArray()) ids.push_back(cell(job, "id"));
    std::sort(ids.begin(), ids.end());
    std::size_t length = kShortId;
    for (std::size_t i = 1; i < ids.size(); ++i) {
        const auto [a, b] = std::mismatch(ids[i - 1].begin(), ids[i - 1].end(), ids[i].begin(), ids[i].end());
        length = std::max(length, static_cast<std::size_t>(b - ids[i].begin()) + 1);
    }
    return length;
}

/// A member whose name ends with its unit: the name without the unit, and the value as people read it.
std::optional<Row> with_unit(std::string_view name, const json::Value &value) {
    if (!value.IsUint64()) return std::nullopt;
    const std::uint64_t number = value.GetUint64();
    const auto without = [name](std::string_view end) { return std::string(name.substr(0, name.size() - end.size())); };
    if (name.ends_with("_bytes")) return Row{without("_bytes"), size_text(number)};
    if (name.ends_with("_s")) return Row{without("_s"), duration_text(static_cast<std::int64_t>(number))};
    return std::nullopt;
}

Row line_of(std::string_view name, const json::Value &value) {
    if (auto row = with_unit(name, value)) return *row;
    if (value.IsObject()) {
        std::string parts;
        for (const auto &part : value.GetObject())
            parts += fmt::format("{}{} {}", parts.empty() ? "" : ", ", shown(part.value), shown(part.name));
        return {printable(name), parts};
    }
    return {printable(name), shown(value)};
}

/// A line for each member, apart from the one that is left out.
std::string lines_of(const json::Value &answer, std::string_view left_out) {
    std::vector<Row> rows;
    if (answer.IsObject())
        for (const auto &member : answer.GetObject())
            if (json::view(member.name) != left_out) rows.push_back(line_of(json::view(member.name), member.value));
    return render(rows);
}

} // namespace

std::string shown(const json::Value &value) {
    if (value.IsNull()) return "-";
    if (value.IsBool()) return value.IsTrue() ? "yes" : "no";
    const std::string text = printable(value.IsString() ? json::view(value) : json::to_text(value));
    return text.empty() ? "-" : text;
}

std::string plugins_table(const json::Value &answer) {
    constexpr const char *kUnconfirmed =
        "Hub has not confirmed the secret. If the light in Hub stays red, ID or secret is wrong.";
    std::vector<Row> rows{{"PLUGIN", "STATE", "KIND", "CONNECTOR", "MODULE", "QUEUED", "RUNNING", "ANSWERING",
                           "LAST HEARTBEAT", "REASON"}};
    if (const json::Value *items = json::find(answer, "plugins"); items && items->IsArray())
        for (const auto &item : items->GetArray()) {
            Row row;
            for (const std::string_view name : {"name", "state", "kind", "connector", "module", "queued", "running",
                                                "answering", "last_heartbeat", "reason"})
                row.push_back(cell(item, name));
            const json::Value *confirmed = json::find(item, "confirmed");
            if (row[1] == "live" && confirmed && confirmed->IsFalse()) {
                row[1] = "live, unconfirmed";
                if (row.back() == "-") row.back() = kUnconfirmed;
            }
            rows.push_back(std::move(row));
        }
    return render(rows);
}

std::string jobs_table(const json::Value &answer) {
    const std::size_t length = short_length(answer);
    std::vector<Row> rows{{"JOB", "PLUGIN", "STATE", "ATTEMPTS", "CREATED", "FINISHED", "PROBLEM"}};
    if (const json::Value *jobs = json::find(answer, "jobs"); jobs && jobs->IsArray())
        for (const auto &job : jobs->GetArray()) {
            Row row{cell(job, "id").substr(0, length)};
            for (const std::string_view name : {"plugin", "state", "retries", "created", "finished", "problem"})
                row.push_back(cell(job, name));
            rows.push_back(std::move(row));
        }
    return render(rows);
}

std::string job_details(const json::Value &answer) {
    std::string out = lines_of(answer, "attempts");
    const json::Value *attempts = json::find(answer, "attempts");
    if (!attempts || !attempts->IsArray() || attempts->Empty()) return out;
    out += "\n" + table(answer, "attempts",
                        {"STARTED", "MILLISECONDS", "ENDED", "GENERATION", "VERSION", "HOST", "REASON"},
                        {"started", "duration_ms", "ended", "generation", "version", "host_pid", "reason"});
    const json::Value &last = (*attempts)[attempts->Size() - 1];
    const json::Value *log = json::find(last, "log");
    if (!log || !log->IsArray() || log->Empty()) return out;
    out += "\nThe last lines of its log:\n";
    for (const auto &line : log->GetArray()) out += "  " + shown(line) + "\n";
    return out;
}

std::string modules_table(const json::Value &answer) {
    return table(answer, "modules", {"MODULE", "STATE", "GENERATION", "VERSION", "ROLLBACK TARGET", "FILE", "REASON"},
                 {"id", "state", "generation", "version", "fallback_version", "file", "reason"});
}

std::string module_details(const json::Value &answer) {
    std::vector<Row> rows;
    for (const std::string_view name : {"id", "name", "summary", "state", "generation", "version", "fallback_version",
                                        "kinds", "abi", "file", "sha256", "reason"})
        rows.push_back({std::string(name), cell(answer, name)});
    return render(rows) + "\n" +
           table(answer, "generations", {"GENERATION", "VERSION", "SINCE", "UNTIL", "SHA-256", "ENDED"},
                 {"number", "version", "since", "until", "sha256", "ended"}) +
           "\n" + table(answer, "files", {"FILE", "STATE", "REASON"}, {"file", "state", "reason"});
}

std::string status_table(const json::Value &answer) { return details(answer); }

std::string plugin_details(const json::Value &answer) {
    const json::Value *hosts = json::find(answer, "hosts");
    if (!hosts || !hosts->IsArray() || hosts->Empty()) return lines_of(answer, "hosts");
    std::vector<Row> rows{{"HOST", "JOBS", "MEMORY", "GENERATION", "DRAINING"}};
    for (const auto &host : hosts->GetArray()) {
        const json::Value *memory = json::find(host, "resident_bytes");
        rows.push_back({cell(host, "pid"), cell(host, "jobs"),
                        memory && memory->IsUint64() ? size_text(memory->GetUint64()) : "-", cell(host, "generation"),
                        cell(host, "draining")});
    }
    return lines_of(answer, "hosts") + "\n" + render(rows);
}

std::string details(const json::Value &answer) { return lines_of(answer, ""); }

std::string stopping_text(const json::Value &) {
    return "angod is draining: running jobs get up to drain_s seconds to finish, then it stops.\n";
}

} // namespace angod::ctl
