// Plays the few calls of Hub's API by which a run reads and changes a project. Changes are not applied: each is a line in a result
// file, so that the writer of a module sees them. Answers have the form of Hub's own.
//
// Thread: the event loop.
#include "ctl/desk_project.hpp"

#include "base/json.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

namespace angod::ctl {

namespace {

constexpr std::string_view kBlank = " \t\r\n";

/// The part of text behind prefix; empty if text begins otherwise, or if more than one part follows.
std::string_view part_behind(std::string_view text, std::string_view prefix) {
    if (!text.starts_with(prefix)) return {};
    text.remove_prefix(prefix.size());
    return text.find('/') == text.npos ? text : std::string_view();
}

/// The id between "/v2/project/" and this ending.
bool is_of_project(std::string_view path, std::string_view ending) {
    constexpr std::string_view kProject = "/v2/project/";
    if (!path.starts_with(kProject) || !path.ends_with(ending)) return false;
    return path.size() > kProject.size() + ending.size() &&
           path.substr(kProject.size(), path.size() - kProject.size() - ending.size()).find('/') == path.npos;
}

const json::Value *list_in(const json::Value &object, std::string_view name) {
    const json::Value *list = json::find(object, name);
    return list && list->IsArray() ? list : nullptr;
}

DeskProject::Answer failed(const Error &why) { return desk_refusal(500, why.text); }

} // namespace

DeskProject::Answer desk_success(std::string_view data) {
    return {200, fmt::format(R"({{"status":"success","data":{}}})", data)};
}

DeskProject::Answer desk_refusal(int status, std::string_view message) {
    return {status, fmt::format(R"({{"status":"fail","message":{}}})", json::quote(message))};
}

DeskProject::DeskProject(Keep keep, const std::vector<std::string> &batches) : keep_(std::move(keep)) {
    for (const std::string &batch : batches) batches_.push_back({batch, batch});
}

Result<void> DeskProject::load(std::string_view export_text) {
    const std::size_t first = export_text.find_first_not_of(kBlank);
    if (first != export_text.npos && export_text[first] == '[') {
        const auto records = json::elements(export_text);
        if (!records) return records.error();
        for (const std::string_view record : *records)
            if (const auto added = add(record); !added) return added;
        return {};
    }
    for (std::size_t number = 1; !export_text.empty(); ++number) {
        const std::string_view line = export_text.substr(0, export_text.find('\n'));
        export_text.remove_prefix(std::min(export_text.size(), line.size() + 1));
        if (line.find_first_not_of(kBlank) == line.npos) continue;
        if (const auto added = add(line); !added) return wrap(fmt::format("line {}", number), added.error());
    }
    return {};
}

/// Turns a record of an export, {"asset": URL, "assetId", "externalId", "task": {"taskId"}}, into one of a list.
Result<void> DeskProject::add(std::string_view record) {
    const auto parsed = json::parse(record);
    if (!parsed) return parsed.error();
    if (!parsed->IsObject()) return error(Code::invalid, "an asset is no JSON object");
    const std::string id = json::text_or(*parsed, "assetId", fmt::format("asset-{}", assets_.size() + 1));
    const std::string name = json::text_or(*parsed, "externalId", "");
    const json::Value *task = json::find(*parsed, "task");
    assets_.push_back(
        {id, name,
         fmt::format(R"({{"_id":{},"externalId":{},"data":{},"labelTasks":[{}]}})", json::quote(id), json::quote(name),
                     json::quote(json::text_or(*parsed, "asset", "")),
                     json::quote(task ? json::text_or(*task, "taskId", "task of " + id) : "task of " + id))});
    return {};
}

std::optional<DeskProject::Answer> DeskProject::answer(const Asked &asked) {
    const std::string_view path = asked.path;
    if (asked.method == "GET") {
        if (is_of_project(path, "/assets")) return assets(asked);
        if (is_of_project(path, "")) return project();
        if (path == "/v2/storages") return desk_success(R"({"storages":[],"total":0})");
        if (const auto id = part_behind(path, "/v2/task/"); !id.empty()) return task(std::string(id));
    } else if (asked.method == "POST") {
        if (is_of_project(path, "/cloud")) return take_assets(asked);
        if (path == "/v2/import/labels") return take_labels(asked);
        if (!part_behind(path, "/v2/batches/").empty()) return take_batches(asked);
        if (const auto id = part_behind(path, "/v2/annotate/"); !id.empty()) return take_task(std::string(id), asked);
    }
    return std::nullopt;
}

/// Hub lists the newest first.
DeskProject::Answer DeskProject::assets(const Asked &asked) const {
    std::string id, name; // empty: any
    if (const auto filters = json::parse(asked.filters.empty() ? "{}" : asked.filters)) {
        id = json::text_or(*filters, "_id", "");
        name = json::text_or(*filters, "externalId", "");
    }
    std::vector<std::string_view> found;
    for (auto asset = assets_.rbegin(); asset != assets_.rend(); ++asset)
        if ((id.empty() || asset->id == id) && (name.empty() || asset->external_id == name))
            found.push_back(asset->json);
    const std::size_t limit = std::clamp<std::size_t>(asked.limit, 1, 100);
    const std::size_t from = std::min(found.size(), (std::max<std::size_t>(asked.page, 1) - 1) * limit);
    const auto begin = found.begin() + static_cast<std::ptrdiff_t>(from);
    const auto end = begin + static_cast<std::ptrdiff_t>(std::min(limit, found.size() - from));
    return desk_success(fmt::format(R"({{"assets":[{}],"total":{}}})", fmt::join(begin, end, ","), found.size()));
}

DeskProject::Answer DeskProject::take_assets(const Asked &asked) {
    const auto body = json::parse(asked.body);
    const json::Value *list = body ? list_in(*body, "assets") : nullptr;
    if (!list) return desk_refusal(400, "the call has no list of assets");
    for (const json::Value &asset : list->GetArray()) {
        if (const auto kept = keep_("assets.ndjson", json::to_text(asset)); !kept) return failed(kept.error());
        const std::string id = fmt::format("asset-{}", assets_.size() + 1);
        const std::string name = json::text_or(asset, "externalId", "");
        assets_.push_back({id, name,
                           fmt::format(R"({{"_id":"{}","externalId":{},"data":{},"labelTasks":[]}})", id,
                                       json::quote(name), json::quote(json::text_or(asset, "data", "")))});
    }
    return desk_success("{}");
}

DeskProject::Answer DeskProject::take_labels(const Asked &asked) {
    const auto body = json::parse(asked.body);
    const json::Value *list = body ? list_in(*body, "jsonContent") : nullptr;
    if (!list) return desk_refusal(400, "the call has no list of labels");
    for (const json::Value &labels : list->GetArray())
        if (const auto kept = keep_("labels.ndjson", json::to_text(labels)); !kept) return failed(kept.error());
    return desk_success(fmt::format(R"({{"project":"{0} / {0} tasks are labeled."}})", list->Size()));
}

DeskProject::Answer DeskProject::take_batches(const Asked &asked) {
    const auto body = json::parse(asked.body);
    const json::Value *list = body ? list_in(*body, "batches") : nullptr;
    if (!list) return desk_refusal(400, "the call has no list of batches");
    std::vector<Batch> batches;
    for (const json::Value &batch : list->GetArray()) {
        const std::string name = json::text_or(batch, "name", "");
        batches.push_back({json::text_or(batch, "_id", "batch of " + name), name});
    }
    batches_ = std::move(batches);
    return project();
}

DeskProject::Answer DeskProject::project() const {
    std::vector<std::string> batches;
    for (const Batch &batch : batches_)
        batches.push_back(fmt::format(R"({{"_id":{},"name":{}}})", json::quote(batch.id), json::quote(batch.name)));
    return desk_success(
        fmt::format(R"({{"project":{{"_id":"project","name":"desk","batches":[{}]}}}})", fmt::join(batches, ",")));
}

DeskProject::Answer DeskProject::task(const std::string &id) const {
    return desk_success(fmt::format(
        R"({{"task":{{"_id":{},"stage":"Label","updatedAt":"2020-01-01T00:00:00.000Z","answer":{{"tools":[],"classifications":[],"relations":[]}}}}}})",
        json::quote(id)));
}

DeskProject::Answer DeskProject::take_task(const std::string &id, const Asked &asked) {
    const auto body = json::parse(asked.body);
    if (!body) return desk_refusal(400, body.error().text);
    const std::string line = fmt::format(R"({{"task":{},"sent":{}}})", json::quote(id), json::to_text(*body));
    if (const auto kept = keep_("tasks.ndjson", line); !kept) return failed(kept.error());
    return desk_success("{}");
}

} // namespace angod::ctl
