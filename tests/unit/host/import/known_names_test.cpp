// Which names are in a project, with as few calls as the better of two ways.
#include "host/import/known_names.hpp"

#include "host/import/project_server.hpp"
#include "printing.hpp"

#include "rest/http_client.hpp"

#include <fmt/format.h>

using namespace angod;
using namespace angod::host;
using namespace std::chrono_literals;

namespace {

struct Project {
    ProjectServer server;
    rest::HttpClient client{{"", "", {}}};
    CancelToken cancel;
    rest::HubApi hub{client, {server.url(), "k", {.attempts = 2, .base_delay = 1ms, .max_delay = 1ms}, {}}, cancel};
    KnownNames names{hub, "p1"};

    /// Assets with the names n0, n1, …
    explicit Project(int count) {
        for (int i = 0; i < count; ++i) server.has(fmt::format("n{}", i), "d", 1h);
    }
    /// How many of the names n‹from› to n‹to − 1› are in the project.
    std::size_t among(int from, int to) {
        std::vector<std::string> texts;
        for (int i = from; i < to; ++i) texts.push_back(fmt::format("n{}", i));
        const auto known = names.among({texts.begin(), texts.end()});
        REQUIRE(known);
        for (const std::string &name : *known) CHECK(std::stoi(name.substr(1)) < to);
        return known->size();
    }
};

} // namespace

TEST_CASE("a few names are asked for one by one, and then no more calls are spent on that than on the list") {
    Project project(1000); // a list of 10 pages
    CHECK(project.among(0, 4) == 4);
    CHECK(project.server.gets() == 1 + 4);
    CHECK(project.among(998, 1002) == 2);
    CHECK(project.server.gets() == 1 + 8);
    CHECK(project.among(990, 1010) == 10);
    CHECK(project.server.gets() == 1 + 8 + 10);
    CHECK(project.among(0, 3000) == 1000);
    CHECK(project.server.gets() == 1 + 8 + 10);
}

TEST_CASE("a project without assets has no names") {
    Project project(0);
    CHECK(project.among(0, 500) == 0);
    CHECK(project.server.gets() <= 2);
}

TEST_CASE("a Hub that does not answer by name is read as a list") {
    Project project(1000);
    project.server.knows_filters = false;
    CHECK(project.among(999, 1001) == 1);
    CHECK(project.among(0, 2) == 2);
}

TEST_CASE("short pages, and a Hub that shows its first page for ever, hide no name") {
    Project project(45);
    project.server.page_limit = 10;
    CHECK(project.among(0, 100) == 45);
    Project endless(45);
    endless.server.page_limit = 10;
    endless.server.has_pages = false;
    CHECK(endless.names.among({"n1", "n2"}).error().text ==
          "The project changes faster than Hub lists its assets, so the option prevent_duplicates cannot work. Run the "
          "plugin again when nobody deletes assets, or without the option.");
    Project same(0);
    for (int i = 0; i < 45; ++i) same.server.has("n1", std::to_string(i), 1h);
    same.server.page_limit = 10;
    CHECK(same.among(0, 2) == 1);
    Project deleted(45);
    deleted.server.page_limit = 10;
    deleted.server.delete_at_get = 3;
    CHECK(deleted.among(0, 100) == 45); // the deleted one was seen before
}

TEST_CASE("a Hub that cannot be reached is the failure") {
    rest::HttpClient client{{"", "", {}}};
    const CancelToken cancel;
    rest::HubApi hub{client, {"http://127.0.0.1:1", "k", {.attempts = 1}, {}}, cancel};
    const auto known = KnownNames(hub, "p1").among({"a"});
    REQUIRE(!known);
    CHECK(known.error().code == Code::network);
}
