#include "host/hub/project_batches.hpp"

#include "base/json.hpp"
#include "base/percent.hpp"
#include "base/utf8.hpp"
#include "common/text.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace angod::host {

namespace {

constexpr int kTries = 3;
constexpr std::size_t kQuoted = 100, kWarnings = 5;

std::string in_quotes(std::string_view name) { return ango::common::quote(beginning_of(name, kQuoted)); }

} // namespace

std::string_view ProjectBatches::id(std::string_view name) const {
    const auto at = names_.same(name);
    return at ? std::string_view(ids_[*at]) : std::string_view();
}

Result<void> ProjectBatches::ensure(const std::set<std::string> &names) {
    if (missing(names).empty()) return {};
    std::size_t asked_for = 0;
    for (int tries = 0;; ++tries) {
        if (const auto listed = read(); !listed) return listed.error();
        const std::vector<std::string> wanted = missing(names);
        if (wanted.empty()) break;
        if (tries == kTries)
            return error(Code::remote, fmt::format("Hub did not create the batch {} and gave no reason. Create it in "
                                                   "the project and run the plugin again.",
                                                   in_quotes(wanted.front())));
        if (tries == 0) warn_of_letter_case(wanted);
        asked_for = wanted.size();
        const auto made = create(wanted);
        // A call may have arrived although its answer was lost. The list of batches tells.
        const bool unsure = !made && (made.error().code == Code::network || made.error().code == Code::timeout);
        if (!made && (!unsure || tries + 1 == kTries)) return made.error();
        if (made && missing(names).empty()) break;
    }
    created_ += asked_for;
    return {};
}

Result<std::vector<std::string>> ProjectBatches::ids_of(const std::vector<std::string> &batches) {
    std::vector<std::string> out;
    if (batches.empty()) return out;
    if (batches_.empty())
        if (const auto listed = read(); !listed) return listed.error();
    for (const std::string &batch : batches) {
        const std::string_view found = all_ids_.contains(batch) ? std::string_view(batch) : id(batch);
        if (found.empty()) {
            const auto near = names_.find(batch);
            return error(
                Code::not_found,
                fmt::format("The project has no batch {}. {} choose another batch and run "
                            "the plugin again.",
                            in_quotes(batch),
                            near ? fmt::format("Its batch {} differs from it only {}:", in_quotes(names_[near->index]),
                                               ango::common::said(*near->difference))
                                 : "It may have been deleted:"));
        }
        out.emplace_back(found);
    }
    return out;
}

Result<void> ProjectBatches::read() {
    const auto answer = hub_.call({"the batches of the project", "GET", "/v2/project/" + percent_encode(project_)});
    if (!answer) return answer.error();
    if (!take(*answer))
        return error(Code::protocol, "Hub's description of the project does not say which batches it has, so none can "
                                     "be added.");
    return {};
}

/// Reads the list of batches. False if the answer has no such list; then the known batches stay.
bool ProjectBatches::take(const json::Document &answer) {
    const json::Value *data = json::find(answer, "data");
    const json::Value *project = data ? json::find(*data, "project") : nullptr;
    const json::Value *list = project ? json::find(*project, "batches") : nullptr;
    const bool none = list && list->IsNull();
    if (!none && (!list || !list->IsArray())) return false;
    batches_.clear();
    names_ = {};
    ids_.clear();
    all_ids_.clear();
    if (none) return true;
    for (const json::Value &each : list->GetArray()) {
        const std::string id = json::text_or(each, "_id", "");
        if (!id.empty()) {
            all_ids_.insert(id);
            names_.add(json::text_or(each, "name", "")); // of two batches with the same name the first counts
            ids_.push_back(id);
        }
        batches_.push_back(json::to_text(each));
    }
    return true;
}

std::vector<std::string> ProjectBatches::missing(const std::set<std::string> &names) const {
    std::vector<std::string> out;
    ango::common::NameIndex taken;
    for (const std::string &name : names) {
        if (names_.same(name) || taken.same(name)) continue;
        taken.add(name);
        out.push_back(name);
    }
    return out;
}

void ProjectBatches::warn_of_letter_case(const std::vector<std::string> &wanted) {
    ango::common::NameIndex before;
    for (const std::string &name : wanted) {
        for (const ango::common::NameIndex *others : {&names_, &before}) {
            const auto near = others->find(name);
            if (!near || warnings_.size() >= kWarnings) continue;
            warnings_.push_back(fmt::format("The new batch {} differs from the batch {} only {}. They are two batches.",
                                            in_quotes(name), in_quotes((*others)[near->index]),
                                            ango::common::said(*near->difference)));
            break;
        }
        before.add(name);
    }
}

Result<void> ProjectBatches::create(const std::vector<std::string> &names) {
    std::vector<std::string> list = batches_;
    for (const std::string &name : names) list.push_back(fmt::format(R"({{"name":{}}})", json::quote(name)));
    rest::Call call{"the new batches", "POST", "/v2/batches/" + percent_encode(project_)};
    call.body = fmt::format(R"({{"batches":[{}]}})", fmt::join(list, ","));
    call.repeat = false;
    const auto answer = hub_.call(call);
    if (!answer) return answer.error();
    take(*answer); // without a list in the answer, ensure reads the list itself
    return {};
}

} // namespace angod::host
