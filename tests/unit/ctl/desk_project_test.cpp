#include "ctl/desk_project.hpp"

#include "base/json.hpp"
#include "printing.hpp"

#include <doctest/doctest.h>

#include <map>

using namespace angod;
using namespace angod::ctl;

namespace {

struct Desk {
    std::map<std::string, std::vector<std::string>> kept;
    DeskProject project{[this](const std::string &file, std::string_view line) -> Result<void> {
        kept[file].emplace_back(line);
        return {};
    }};

    std::string ask(std::string method, std::string path, std::string body = "", std::string filters = "",
                    std::size_t page = 1, std::size_t limit = 100) {
        const auto answer =
            project.answer({std::move(method), std::move(path), std::move(filters), page, limit, std::move(body)});
        return answer ? answer->body : "nothing";
    }
    std::string ids(std::size_t page, std::size_t limit, std::string filters = "") {
        const auto answer = json::parse(ask("GET", "/v2/project/p/assets", "", std::move(filters), page, limit));
        REQUIRE(answer);
        std::string out;
        for (const auto &asset : (*answer)["data"]["assets"].GetArray()) out += json::text_or(asset, "_id", "?") + " ";
        return out + std::to_string((*answer)["data"]["total"].GetUint64());
    }
};

} // namespace

TEST_CASE("assets are listed page by page, the newest first") {
    Desk desk;
    REQUIRE(
        desk.project.load("{\"assetId\":\"a\",\"externalId\":\"x\"}\r\n\n{\"assetId\":\"b\"}\n{\"externalId\":\"z\"}"));
    CHECK(desk.ids(1, 100) == "asset-3 b a 3");
    CHECK(desk.ids(1, 2) == "asset-3 b 3");
    CHECK(desk.ids(2, 2) == "a 3");
    CHECK(desk.ids(3, 2) == "3");
    CHECK(desk.ids(0, 0) == "asset-3 3");
    CHECK(desk.ids(1, 100, R"({"externalId":"x"})") == "a 1");
    CHECK(desk.ids(1, 100, R"({"_id":"b"})") == "b 1");
    CHECK(desk.ids(1, 100, R"({"_id":"b","externalId":"x"})") == "0");
}

TEST_CASE("an array is read as well, and what is wrong has a place") {
    Desk desk;
    CHECK(desk.project.load(R"( [{"assetId":"a"}, {"assetId":"b"}])"));
    CHECK(desk.ids(1, 100) == "b a 2");
    const auto failed = desk.project.load("{}\n7\n");
    REQUIRE_FALSE(failed);
    CHECK(failed.error().text == "line 2: an asset is no JSON object");
}

TEST_CASE("what a run would change is kept") {
    Desk desk;
    desk.ask("POST", "/v2/project/p/cloud", R"({"assets":[{"data":"u","externalId":"e"}]})");
    CHECK(desk.kept["assets.ndjson"] == std::vector<std::string>{R"({"data":"u","externalId":"e"})"});
    CHECK(desk.ids(1, 100) == "asset-1 1");
    CHECK(desk.ask("POST", "/v2/import/labels", R"({"jsonContent":[{"externalId":"e"},{"externalId":"f"}]})")
              .find("2 / 2 tasks") != std::string::npos);
    CHECK(desk.kept["labels.ndjson"].size() == 2);
    desk.ask("POST", "/v2/annotate/t", R"({"answer":{}})");
    CHECK(desk.kept["tasks.ndjson"] == std::vector<std::string>{R"({"task":"t","sent":{"answer":{}}})"});
    CHECK(desk.ask("POST", "/v2/batches/p", R"({"batches":[{"name":"day"}]})").find(R"("name":"day")") !=
          std::string::npos);
    CHECK(desk.ask("GET", "/v2/project/p").find(R"("name":"day")") != std::string::npos);
}

TEST_CASE("what nobody can read is refused, what no run needs is not answered") {
    Desk desk;
    for (const char *path : {"/v2/project/p/cloud", "/v2/import/labels", "/v2/batches/p", "/v2/annotate/t"})
        CHECK(desk.ask("POST", path, "{").find(R"("status":"fail")") != std::string::npos);
    for (const char *path : {"/v2/project/", "/v2/project/a/b/assets", "/v2/task/", "/v2/task/a/b", "/v2/teams", "/"})
        CHECK(desk.ask("GET", path) == "nothing");
    CHECK(desk.ask("DELETE", "/v2/project/p") == "nothing");
    CHECK(desk.kept.empty());
}
