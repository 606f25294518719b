// A Hub with assets, tasks and labels, as far as models need it: it lists the assets of a project, tells a task, passes it
// on, and imports labels. A test chooses what becomes of each POST.
#pragma once

#include "host/hub/answer_server.hpp"

#include "base/json.hpp"
#include "base/percent.hpp"

#include <fmt/format.h>

#include <deque>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

struct TaskServer {
    enum class Fate {
        taken,
        lost_before, ///< the connection ends before anything is done
        lost_after,  ///< … after it
        unreadable,  ///< it is done, and the answer is no JSON
        half,        ///< the labels of the first half of the assets are taken, then the connection ends
        refused,     ///< status 400
    };
    struct Task {
        std::string stage = "s1", updated = "2024-05-02T09:00:11.123Z";
        std::string answer = "{}"; ///< JSON
        std::string brushes;       ///< members beside the answer: ,"brushDataUrl":"…"
    };
    std::map<std::string, Task> tasks;
    std::map<std::string, std::string> task_of_asset;         ///< by external id
    std::vector<std::string> assets;                          ///< of the project, JSON; newest first
    std::vector<std::pair<std::string, std::string>> batches; ///< of the project: id, name
    std::map<std::string, std::set<std::string>> members;     ///< of a batch, by its id: ids of assets
    std::deque<Fate> fates;                                   ///< of the next POSTs
    bool wants_wrapped = false; ///< the import takes only the form of Hub's published description
    int closed_tasks = 0;       ///< how many tasks of an import are refused, by the count in the answer

    int uncounted_tasks = 0; ///< how many tasks of an import are not even in the total of the answer

    AnswerServer server{[this](const auto &request) { return answer(request); }};

    std::vector<std::string> posts() const {
        std::vector<std::string> out;
        for (const auto &each : server.requests())
            if (each.method == "POST") out.push_back(each.body);
        return out;
    }

private:
    static std::string_view last_part(std::string_view target) {
        target = target.substr(0, target.find('?'));
        return target.substr(target.rfind('/') + 1);
    }

    AnswerServer::Reply answer(const AnswerServer::Request &request) {
        if (request.method == "GET" && last_part(request.target) == "assets")
            return request.target.find("%22_id%22") == std::string::npos ? list(request.target) : find(request.target);
        if (request.target.starts_with("/v2/project/")) return describe();
        if (request.method == "GET") return tell(std::string(last_part(request.target)));
        Fate fate = Fate::taken;
        if (!fates.empty()) {
            fate = fates.front();
            fates.pop_front();
        }
        if (fate == Fate::refused) return {R"({"status":"fail","message":"no right"})", 400};
        if (fate == Fate::lost_before) return AnswerServer::lost();
        const auto body = angod::json::parse(request.body);
        if (last_part(request.target) != "labels") return pass_on(std::string(last_part(request.target)), *body, fate);
        if (wants_wrapped == body->HasMember("jsonContent")) return {R"({"message":"unknown form"})", 400};
        return import((*body)[wants_wrapped ? "labels" : "jsonContent"], fate);
    }

    AnswerServer::Reply list(const std::string &target) const {
        const auto number = [&](std::string_view name) {
            return std::stoul(target.substr(target.find(name) + name.size()));
        };
        const std::size_t limit = number("limit="), from = (number("page=") - 1) * limit;
        const std::string filters = angod::percent_decode_leniently(target.substr(target.find("filters=") + 8));
        std::vector<std::string> in_batches;
        for (const std::string &asset : assets)
            if (is_in_all(angod::json::text_or(*angod::json::parse(asset), "_id", ""), filters))
                in_batches.push_back(asset);
        std::string out;
        for (std::size_t i = from; i < in_batches.size() && i < from + limit; ++i)
            out += (out.empty() ? "" : ",") + in_batches[i];
        return {fmt::format(R"({{"data":{{"assets":[{}],"total":{}}}}})", out, in_batches.size())};
    }

    /// Whether the asset is in all batches that the filter names and whose members the test has set.
    bool is_in_all(const std::string &asset, const std::string &filters) const {
        for (const auto &[batch, ids] : members)
            if (filters.find(angod::json::quote(batch)) != std::string::npos && !ids.contains(asset)) return false;
        return members.empty() || filters == "{}" || known_batch(filters);
    }
    bool known_batch(const std::string &filters) const {
        for (const auto &[batch, ids] : members)
            if (filters.find(angod::json::quote(batch)) != std::string::npos) return true;
        return false;
    }

    AnswerServer::Reply describe() const {
        std::string list;
        for (const auto &[id, name] : batches)
            list += fmt::format(R"({}{{"_id":"{}","name":"{}"}})", list.empty() ? "" : ",", id, name);
        return {fmt::format(R"({{"data":{{"project":{{"batches":[{}]}}}}}})", list)};
    }

    /// The asset whose id the filter names.
    AnswerServer::Reply find(const std::string &target) const {
        for (const std::string &asset : assets) {
            const auto parsed = angod::json::parse(asset);
            const std::string filter =
                R"({"_id":)" + angod::json::quote(angod::json::text_or(*parsed, "_id", "")) + "}";
            if (target.ends_with("filters=" + angod::percent_encode(filter)))
                return {fmt::format(R"({{"data":{{"assets":[{}],"total":1}}}})", asset)};
        }
        return {R"({"data":{"assets":[],"total":0}})"};
    }

    AnswerServer::Reply tell(const std::string &id) const {
        const auto found = tasks.find(id);
        if (found == tasks.end()) return {R"({"status":"fail"})", 404};
        const Task &task = found->second;
        return {fmt::format(R"({{"data":{{"task":{{"stage":"{}","updatedAt":"{}","answer":{}{}}}}}}})", task.stage,
                            task.updated, task.answer, task.brushes)};
    }

    AnswerServer::Reply pass_on(const std::string &id, const angod::json::Value &body, Fate fate) {
        if (!tasks.contains(id)) return {R"({"status":"fail"})", 404};
        Task &task = tasks.at(id);
        task.answer = angod::json::to_text(body["answer"]);
        task.brushes =
            fmt::format(R"(,"brushDataUrl":{},"medicalBrushDataUrl":{})", angod::json::to_text(body["brushDataUrl"]),
                        angod::json::to_text(body["medicalBrushDataUrl"]));
        task.stage = "s2";
        if (fate == Fate::lost_after) return AnswerServer::lost();
        return {fate == Fate::unreadable ? "<html>" : R"({"status":"success"})"};
    }

    AnswerServer::Reply import(const angod::json::Value &labels, Fate fate) {
        const auto count = fate == Fate::half ? labels.Size() / 2 : labels.Size();
        for (unsigned i = 0; i < count; ++i) {
            const angod::json::Value &one = labels[i];
            const auto task = task_of_asset.find(angod::json::text_or(one, "externalId", ""));
            if (task != task_of_asset.end())
                tasks[task->second].answer = angod::json::to_text(wants_wrapped ? one["answer"] : one);
        }
        if (fate == Fate::lost_after || fate == Fate::half) return AnswerServer::lost();
        if (fate == Fate::unreadable) return {"<html>"};
        return {fmt::format(R"({{"status":"success","data":{{"project":"{} / {} tasks are labeled."}}}})",
                            labels.Size() - static_cast<unsigned>(closed_tasks + uncounted_tasks),
                            labels.Size() - static_cast<unsigned>(uncounted_tasks))};
    }
};
