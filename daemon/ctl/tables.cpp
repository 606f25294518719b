#include "ctl/tables.hpp"

#include "base/printable.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

namespace angod::ctl {

namespace {

using Row = std::vector<std::string>;

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

/// Any object, a line for each member but this one.
std::string rows_of(const json::Value &answer, std::string_view without) {
    std::vector<Row> rows;
    if (answer.IsObject())
        for (const auto &member : answer.GetObject()) {
            const std::string name(json::view(member.name));
            if (name == without) continue;
            if (!member.value.IsObject()) {
                rows.push_back({name, shown(member.value)});
                continue;
            }
            std::string parts;
            for (const auto &part : member.value.GetObject())
                parts += fmt::format("{}{} {}", parts.empty() ? "" : ", ", shown(part.value), json::view(part.name));
            rows.push_back({name, parts});
        }
    return render(rows);
}

} // namespace

std::string shown(const json::Value &value) {
    if (value.IsNull()) return "-";
    std::string text = value.IsString() ? std::string(json::view(value)) : json::to_text(value);
    text = printable(text);
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
    return table(answer, "jobs", {"JOB", "PLUGIN", "STATE", "ATTEMPTS", "CREATED", "FINISHED", "PROBLEM"},
                 {"id", "plugin", "state", "retries", "created", "finished", "problem"});
}

std::string job_details(const json::Value &answer) {
    std::string out = rows_of(answer, "attempts");
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

std::string details(const json::Value &answer) { return rows_of(answer, ""); }

} // namespace angod::ctl
