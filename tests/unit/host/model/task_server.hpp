// A Hub with assets, tasks and labels, as far as models need it: it lists the assets of a project, tells a task, passes it
// on, and imports labels. A test chooses what becomes of each POST.
#pragma once

#include "host/hub/answer_server.hpp"

#include "base/json.hpp"

#include <fmt/format.h>

#include <deque>
#include <map>
#include <string>
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
    };
    std::map<std::string, Task> tasks;
    std::map<std::string, std::string> task_of_asset; ///< by external id
    std::vector<std::string> assets;                  ///< of the project, JSON; newest first
    std::deque<Fate> fates;                           ///< of the next POSTs
    bool wants_wrapped = false;                       ///< the import takes only the form of Hub's published description
    int closed_tasks = 0; ///< how many tasks of an import are refused, by the count in the answer

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
        if (request.method == "GET" && last_part(request.target) == "assets") return list(request.target);
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
        std::string out;
        for (std::size_t i = from; i < assets.size() && i < from + limit; ++i)
            out += (out.empty() ? "" : ",") + assets[i];
        return {fmt::format(R"({{"data":{{"assets":[{}],"total":{}}}}})", out, assets.size())};
    }

    AnswerServer::Reply tell(const std::string &id) const {
        const auto found = tasks.find(id);
        if (found == tasks.end()) return {R"({"status":"fail"})", 404};
        const Task &task = found->second;
        return {fmt::format(R"({{"data":{{"task":{{"stage":"{}","updatedAt":"{}","answer":{}}}}}}})", task.stage,
                            task.updated, task.answer)};
    }

    AnswerServer::Reply pass_on(const std::string &id, const angod::json::Value &body, Fate fate) {
        Task &task = tasks.at(id);
        task.answer = angod::json::to_text(body["answer"]);
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
                            labels.Size() - static_cast<unsigned>(closed_tasks), labels.Size())};
    }
};
