#include "host/explorer/file_explorer_job.hpp"

#include "host/explorer/own_explorer.hpp"
#include "host/hub/answer_server.hpp"
#include "host/job/recorded_job.hpp"

#include <doctest/doctest.h>

using namespace angod;
using namespace angod::host;

namespace {

/// Answers with two pages of storages. The second one has a storage with keys.
AnswerServer::Reply storages(const AnswerServer::Request &request) {
    if (request.target.find("page=1&") != std::string::npos)
        return {R"({"data":{"storages":[{"_id":"other"}],"total":2}})"};
    return {R"({"data":{"storages":[{"_id":"st","provider":"AWS","privateKey":"s3cr3t-key"}],"total":2}})"};
}

struct Run {
    AnswerServer hub{storages};
    std::vector<std::string> log;

    RunResult operator()(const std::string &event, const OwnExplorer &explorer) {
        RecordedJob run(event, hub.url());
        auto result = run_file_explorer(run.job, explorer.table, nullptr);
        log = run.log;
        run.job.log(LogLevel::info, "after the run");
        CHECK(run.log.back() == "after the run");
        return result;
    }
};

OwnExplorer two_entries() {
    return OwnExplorer([](ango_job &, const ango_folder &folder, ango_listing &page) {
        CHECK(folder.limit == 50);
        page.listing.folders.push_back("in/x \"y\"/");
        page.listing.files.push_back({"in/a.jpg", ""});
        if (folder.token.size == 0) page.listing.next = "t\"1";
        return ANGO_OK;
    });
}

std::string answer(const RunResult &result) {
    const auto *outcome = std::get_if<Outcome>(&result);
    return outcome ? outcome->value : "failed: " + std::get<Failure>(result).user_text;
}

} // namespace

TEST_CASE("a folder is shown page by page") {
    Run run;
    CHECK(answer(run(R"({"folder":"in/"})", two_entries())) ==
          R"({"folders":["in/x \"y\"/"],"files":["in/a.jpg"],"scrollToken":"t\"1","success":true})");
    CHECK(answer(run(R"({"folder":"in/","scrollToken":"t\"1"})", two_entries())) ==
          R"({"folders":["in/x \"y\"/"],"files":["in/a.jpg"],"scrollToken":null,"success":true})");
    CHECK(run.hub.requests().empty());
}

TEST_CASE("the storage that the event names is looked up in Hub, and its keys stay out of log and failure") {
    Run run;
    const OwnExplorer teller([](ango_job &job, const ango_folder &folder, ango_listing &) {
        const std::string storage(OwnExplorer::view(folder.storage));
        CHECK(storage.find("s3cr3t-key") != std::string::npos);
        job.job.log(LogLevel::info, storage);
        job.failure = {"It is " + storage, storage, -1};
        return ANGO_FAILED;
    });
    const auto result = run(R"({"storageId":"st"})", teller);
    REQUIRE(std::holds_alternative<Failure>(result));
    const auto &failed = std::get<Failure>(result);
    REQUIRE(run.log.size() == 1);
    for (const std::string &text : {failed.user_text, failed.operator_text, run.log[0]}) {
        CHECK(text.find("AWS") != std::string::npos);
        CHECK(text.find("s3cr3t-key") == std::string::npos);
    }
    CHECK(run.hub.requests().size() == 2);
}

TEST_CASE("a storage that is not in Hub is not given to the module") {
    Run run;
    const OwnExplorer never([](ango_job &, const ango_folder &, ango_listing &) {
        FAIL("the module was called");
        return ANGO_OK;
    });
    CHECK(answer(run(R"({"storageId":"none"})", never)).starts_with("failed: there is no storage with the id none"));
    CHECK(answer(run(R"({"folder":5})", never)).starts_with("failed: The event from Hub cannot be used"));
}

TEST_CASE("an import needs a project and valid options before it lists anything") {
    Run run;
    CHECK(answer(run(R"({"upload":true})", two_entries())) ==
          "failed: The event from Hub names no project in \"projectId\", so there is nothing to import into.");
    const OwnExplorer explorer = two_entries();
    RecordedJob job(R"({"upload":true,"projectId":"p1"})", run.hub.url());
    job.job.config = R"({"accepted_extensions":".jpg"})";
    CHECK(answer(run_file_explorer(job.job, explorer.table, nullptr))
              .starts_with("failed: The option accepted_extensions must be a list"));
    CHECK(run.hub.requests().empty());
}
