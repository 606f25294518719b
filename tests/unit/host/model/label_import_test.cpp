// Imports of labels whose answer is lost at every point. A server on loopback plays Hub. The ids of the objects show
// which labels Hub has, so each asset must be labelled once.
//
// An answer is lost before or after Hub has taken the labels, or after half of them.
#include "host/model/label_import.hpp"

#include "host/job/recorded_job.hpp"
#include "host/model/task_server.hpp"
#include "printing.hpp"

#include "rest/http_client.hpp"

#include <fmt/ranges.h>

using namespace angod;
using namespace angod::host;
using namespace std::chrono_literals;
using Fate = TaskServer::Fate;

namespace {

struct Project : TaskServer {
    RecordedJob run{R"({"projectId":"p1"})"};
    rest::HttpClient client{{"", "", {}}};
    rest::HubApi hub{
        client, {server.url(), "k", {.attempts = 3, .base_delay = 1ms, .max_delay = 1ms}, {}}, run.job.cancel};
    LabelImport import{run.job, hub};

    explicit Project(int count = 4) {
        for (int i = 0; i < count; ++i) {
            tasks[fmt::format("t{}", i)];
            task_of_asset[fmt::format("n{}", i)] = fmt::format("t{}", i);
        }
    }
    std::vector<AssetLabels> labels() const {
        std::vector<AssetLabels> out;
        for (const auto &[name, task] : task_of_asset) {
            AssetLabels one;
            one.asset.external_id = name;
            one.asset.tasks = {"gone", task};
            one.answer.objects = {fmt::format(R"({{"objectId":"o-{}"}})", name)};
            out.push_back(one);
        }
        return out;
    }
    /// The names of the assets in each POST.
    std::vector<std::string> sent() const {
        std::vector<std::string> out;
        for (const std::string &body : posts()) {
            std::string names;
            for (const auto &[name, task] : task_of_asset)
                if (body.find(fmt::format("\"externalId\":\"{}\"", name)) != body.npos) names += name;
            out.push_back(names);
        }
        return out;
    }
    bool all_labelled() const {
        return std::all_of(task_of_asset.begin(), task_of_asset.end(), [&](const auto &each) {
            return tasks.at(each.second).answer.find("o-" + each.first) != std::string::npos;
        });
    }
};

using Sent = std::vector<std::string>;

} // namespace

TEST_CASE("all labels go in one call") {
    Project project;
    const auto taken = project.import.send(project.labels());
    REQUIRE(taken);
    CHECK(taken->labelled == 4);
    CHECK(taken->refused == 0);
    CHECK(project.sent() == Sent{"n0n1n2n3"});
    CHECK(project.all_labelled());
    CHECK(project.posts()[0].starts_with(
        R"({"project":"p1","jsonContent":[{"externalId":"n0","objects":[{"objectId":"o-n0"}],)"));
    REQUIRE(project.import.send({}));
    CHECK(project.posts().size() == 1);
}

TEST_CASE("an asset without an external id is named by its address") {
    Project project;
    AssetLabels one;
    one.asset.data = "https://files.test/a \"b\"";
    one.answer.objects = {"{}"};
    REQUIRE(project.import.send({one}));
    CHECK(project.posts()[0].find(R"({"data":"https://files.test/a \"b\"","objects":[{}])") != std::string::npos);
}

TEST_CASE("labels that Hub does not take are counted") {
    Project project;
    project.closed_tasks = 3;
    const auto taken = project.import.send(project.labels());
    REQUIRE(taken);
    CHECK(taken->labelled == 1);
    CHECK(taken->refused == 3);
}

TEST_CASE("labels that Hub does not even count are not taken") {
    Project project;
    project.uncounted_tasks = 3;
    const auto taken = project.import.send(project.labels());
    REQUIRE(taken);
    CHECK(taken->labelled == 1);
    CHECK(taken->refused == 3);
}

TEST_CASE("after a lost answer only those labels are sent again that Hub does not have") {
    const std::pair<Fate, Sent> cases[] = {{Fate::lost_before, {"n0n1n2n3", "n0n1n2n3"}},
                                           {Fate::lost_after, {"n0n1n2n3"}},
                                           {Fate::unreadable, {"n0n1n2n3"}},
                                           {Fate::half, {"n0n1n2n3", "n2n3"}}};
    for (const auto &row : cases) {
        const Fate fate = row.first;
        const Sent &sent = row.second;
        CAPTURE(static_cast<int>(fate));
        Project project;
        project.fates = {fate};
        const auto taken = project.import.send(project.labels());
        REQUIRE(taken);
        CHECK(taken->labelled == 4);
        CHECK(project.sent() == sent);
        CHECK(project.all_labelled());
    }
}

TEST_CASE("an import that fails every time ends after the last attempt") {
    Project project;
    project.fates.assign(9, Fate::lost_before);
    const auto taken = project.import.send(project.labels());
    REQUIRE(!taken);
    CHECK(taken.error().code == Code::network);
    CHECK(taken.error().text.find("Tried 3 times") != std::string::npos);
    CHECK(project.posts().size() == 3);
}

TEST_CASE("a refusal is tried in the published form and then reported as the first form had it") {
    Project project;
    project.fates = {Fate::refused, Fate::refused};
    const auto taken = project.import.send(project.labels());
    REQUIRE(!taken);
    CHECK(taken.error().text.starts_with("Hub refused the import of labels: no right (HTTP 400"));
    CHECK(project.posts().size() == 2);
}

TEST_CASE("a Hub of the published form is asked in that form from then on") {
    Project project;
    project.wants_wrapped = true;
    REQUIRE(project.import.send(project.labels()));
    CHECK(project.all_labelled());
    REQUIRE(project.import.send(project.labels()));
    const auto posts = project.posts();
    REQUIRE(posts.size() == 3);
    CHECK(posts[0].find("jsonContent") != std::string::npos);
    for (const std::string &body : {posts[1], posts[2]})
        CHECK(body.starts_with(R"({"project":"p1","labels":[{"externalId":"n0","answer":{"objects":[)"));
}

TEST_CASE("labels are in Hub if one of the asset's tasks has them") {
    Project project;
    const auto labels = project.labels();
    CHECK_FALSE(project.import.is_in_hub(labels[0]).value());
    project.tasks["t0"].answer = R"({"tools":[{"objectId":"another"},{"objectId":"o-n0"}]})";
    CHECK(project.import.is_in_hub(labels[0]).value());
    CHECK_FALSE(project.import.is_in_hub(labels[1]).value());
    AssetLabels taskless = labels[0];
    taskless.asset.tasks.clear();
    CHECK_FALSE(project.import.is_in_hub(taskless).value());
}

TEST_CASE("a cancel between two attempts ends the import") {
    Project project;
    project.fates = {Fate::lost_before};
    rest::HubApi hub(project.client, {project.server.url(), "k", {}, [&](auto...) { project.run.job.cancel.cancel(); }},
                     project.run.job.cancel);
    LabelImport import(project.run.job, hub);
    const auto taken = import.send(project.labels());
    REQUIRE(!taken);
    CHECK(taken.error().code == Code::cancelled);
    CHECK(project.posts().size() == 1);
}
