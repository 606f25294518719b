// Whole runs of a markdown generator that is part of the test. A server on loopback plays Hub with the batches and the
// assets of a project. Runs are killed at every save of the checkpoint: each row must become an asset once.
//
// The asset of a row lives in the Run until the next row, as the interface requires.
#include "host/markdown/markdown_job.hpp"

#include "host/hub/answer_server.hpp"
#include "host/import/project_server.hpp"
#include "host/job/recorded_job.hpp"
#include "host/markdown/csv_token.hpp"
#include "host/markdown/own_markdown.hpp"

#include <doctest/doctest.h>
#include <fmt/format.h>

using namespace angod;
using namespace angod::host;

namespace {

struct Hub {
    std::vector<std::string> batches, assets; ///< as JSON
    AnswerServer server{[this](const auto &request) { return answer(request); }};

    static std::string joined(const std::vector<std::string> &texts) {
        std::string out;
        for (const std::string &text : texts) out += (out.empty() ? "" : ",") + text;
        return "[" + out + "]";
    }
    AnswerServer::Reply answer(const AnswerServer::Request &request) {
        const auto path = request.target.substr(0, request.target.find('?'));
        if (request.method == "POST" && path == "/v2/batches/p1") {
            const auto sent = json::parse(request.body);
            batches.clear();
            for (const auto &each : (*sent)["batches"].GetArray()) {
                const std::string name = json::text_or(each, "name", "");
                batches.push_back(fmt::format(R"({{"_id":"id-{}","name":"{}"}})", name, name));
            }
        } else if (request.method == "POST") {
            const auto sent = json::parse(request.body);
            for (const auto &each : (*sent)["assets"].GetArray()) assets.push_back(json::to_text(each));
        } else if (path.ends_with("/assets")) {
            return {fmt::format(R"({{"data":{{"assets":{},"total":{}}}}})", joined(assets), assets.size())};
        }
        return {fmt::format(R"({{"status":"success","data":{{"project":{{"batches":{}}},"assets":{{}}}}}})",
                            joined(batches))};
    }
};

struct Run {
    Hub hub;
    std::string config = "{}";
    std::string more; ///< members of the event
    std::string url;  ///< of another server that plays Hub
    std::optional<std::string> checkpoint;
    int saves_left = -1;
    std::vector<std::string> log;
    std::string text; ///< of the asset in work
    OwnMarkdown own{[this](ango_job &, const ango_row &row, ango_row_asset &asset) {
        text = "# " + std::string(OwnMarkdown::view(row.cells[0]));
        asset.data = OwnMarkdown::str(text);
        return ANGO_OK;
    }};

    std::string operator()(const std::string &csv) {
        RecordedJob run(R"({"projectId":"p1","inputFile":)" + csv_token(csv) + more + "}",
                        url.empty() ? hub.server.url() : url);
        run.job.config = config;
        run.job.limits.asset_bytes = 1000;
        run.job.checkpoint = checkpoint;
        run.saves_left = saves_left;
        const auto result = run_markdown(run.job, own.table, nullptr);
        if (!run.checkpoints.empty()) checkpoint = run.checkpoints.back();
        log = run.log;
        const auto *outcome = std::get_if<Outcome>(&result);
        if (outcome) {
            checkpoint.reset(); // the next call is another run
            return json::unquote(outcome->value).value();
        }
        const auto &failed = std::get<Failure>(result);
        return "failed: " + failed.user_text + "|" + failed.operator_text;
    }
};

/// A member of an asset that Hub received, as JSON.
std::string member(const std::string &asset, std::string_view name) {
    const auto parsed = json::parse(asset);
    const auto *value = json::find(*parsed, name);
    return value ? json::to_text(*value) : "";
}

} // namespace

TEST_CASE("each row becomes an asset, with the number of the row as its name") {
    Run run;
    CHECK(run("a,b\nx,1\ny,2\n") == "Created 2 assets from 2 rows of the CSV.");
    REQUIRE(run.hub.assets.size() == 2);
    CHECK(member(run.hub.assets[0], "data") == "\"# x\"");
    CHECK(member(run.hub.assets[0], "externalId") == "\"00000.md\"");
    CHECK(member(run.hub.assets[1], "externalId") == "\"00001.md\"");
    CHECK(run.hub.batches.empty());
}

TEST_CASE("the user may choose the columns of name and batch, and the module may name both itself") {
    Run run;
    run.hub.batches = {R"({"_id":"old","name":"first"})"};
    run.config = R"({"external_id_columns":["b","a"],"batch_name_column":"c"})";
    CHECK(run("a,b,c,d\nx,1,first,\ny,, second ,\n,,,z\n") ==
          "Created 3 assets from 3 rows of the CSV; 1 new batch was added to the project.");
    REQUIRE(run.hub.assets.size() == 3);
    CHECK(member(run.hub.assets[0], "externalId") == "\"1_x\"");
    CHECK(member(run.hub.assets[1], "externalId") == "\"_y\"");
    CHECK(member(run.hub.assets[2], "externalId") == "\"00002.md\"");
    CHECK(run.hub.assets[1].find("id-second") != std::string::npos);
    CHECK(run.hub.assets[2].find("id-") == std::string::npos);
    OwnMarkdown::row = [](ango_job &, const ango_row &, ango_row_asset &asset) {
        asset.data = OwnMarkdown::str("d");
        asset.external_id = OwnMarkdown::str("own name");
        asset.batch = OwnMarkdown::str(" own batch ");
        return ANGO_OK;
    };
    CHECK(run("a,b,c\nx,1,first\n") == "Created 1 asset from 1 row of the CSV; 1 new batch was added to the project.");
    REQUIRE(run.hub.assets.size() == 4);
    CHECK(member(run.hub.assets[3], "externalId") == "\"own name\"");
    CHECK(run.hub.assets[3].find("id-own batch") != std::string::npos);
    CHECK(run.hub.batches.size() == 3);
}

TEST_CASE("rows that the module leaves out are told") {
    Run run;
    OwnMarkdown::row = [](ango_job &, const ango_row &row, ango_row_asset &asset) {
        asset.skip = row.number == 1;
        asset.data = OwnMarkdown::str("d");
        return ANGO_OK;
    };
    CHECK(run("a\nx\ny\nz\n") == "Created 2 assets from 3 rows of the CSV; the plugin left out 1 row.");
    CHECK(member(run.hub.assets[1], "externalId") == "\"00002.md\"");
    CHECK(run("a\n") == "Created 0 assets from 0 rows of the CSV.");
    CHECK(run.log ==
          std::vector<std::string>{"The CSV names columns but has no rows below them: there is nothing to create."});
}

TEST_CASE("the module gets the user's text without HTML escapes, before the first row") {
    Run run;
    run.more = R"(,"markdownText":"&lt;b&gt; {a}")";
    std::string told;
    run.own.with_begin([&](ango_job &, const ango_table &table) {
        told = OwnMarkdown::view(table.markdown);
        return ANGO_FAILED;
    });
    CHECK(run("a\nx\n") == "failed: |the module returned status -1");
    CHECK(told == "<b> {a}");
    CHECK(run.hub.server.requests().empty());
    CHECK(OwnMarkdown::ends == 1);
}

TEST_CASE("a CSV with a mistake creates nothing, and the module is not asked") {
    Run run;
    OwnMarkdown::row = [](ango_job &, const ango_row &, ango_row_asset &) {
        FAIL_CHECK("the module was asked");
        return ANGO_OK;
    };
    CHECK(run("a,b\nx,1\ny\n").starts_with("failed: "));
    CHECK(run("").starts_with("failed: "));
    CHECK(run.hub.server.requests().empty());
    RecordedJob without(R"({"projectId":"p1","inputFile":5})");
    const auto result = run_markdown(without.job, run.own.table, nullptr);
    REQUIRE(std::holds_alternative<Failure>(result));
    CHECK(std::get<Failure>(result).user_text ==
          "The event from Hub carries no CSV file in \"inputFile\". Choose one and run the plugin again.");
}

TEST_CASE("a row that fails ends the run, and the operator is told its line") {
    Run run;
    OwnMarkdown::row = [](ango_job &, const ango_row &row, ango_row_asset &asset) {
        asset.data = OwnMarkdown::str("d");
        return row.number == 1 ? ANGO_FAILED : ANGO_OK;
    };
    CHECK(run("a\nx\ny\n") == "failed: |the module returned status -1, in row 3 of the CSV");
    Run large;
    OwnMarkdown::row = [](ango_job &, const ango_row &, ango_row_asset &asset) {
        static const std::string text(1001, 'x');
        asset.data = OwnMarkdown::str(text);
        return ANGO_OK;
    };
    CHECK(large("a\nx\n").starts_with("failed: Row 2 of the CSV gives an asset longer than "));
    CHECK(large.hub.assets.empty());
}

TEST_CASE("a kill at any save creates nothing twice and loses nothing") {
    std::string csv = "a\n";
    for (int i = 0; i < 25; ++i) csv += fmt::format("row {}\n", i);
    for (int saves = 0;; ++saves) {
        CAPTURE(saves);
        ProjectServer server;
        Run run;
        run.url = server.url();
        run.config = R"({"upload_batch_size":10})";
        run.saves_left = saves;
        const bool whole = !run(csv).starts_with("failed");
        run.saves_left = -1;
        if (!whole) CHECK(run(csv) == "Created 25 assets from 25 rows of the CSV.");
        CHECK(server.count().size() == 25);
        for (const auto &each : server.count()) CHECK_MESSAGE(each.second == 1, each.first);
        CHECK(server.count().contains("00024.md # row 24"));
        if (whole) break;
        REQUIRE(saves < 30);
    }
}
