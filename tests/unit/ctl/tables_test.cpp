#include "ctl/tables.hpp"
#include "printing.hpp"

#include <doctest/doctest.h>

using namespace angod;
using namespace angod::ctl;

namespace {

json::Document answer(std::string_view text) {
    auto document = json::parse(text);
    REQUIRE(document);
    return std::move(*document);
}

} // namespace

TEST_CASE("a value is shown without control characters, and an empty one as a dash") {
    const json::Document values = answer(R"(["a\u001b[1m\n\u007fb", "", null, 1, true, ["x"]])");
    const char *expected[] = {"a [1m  b", "-", "-", "1", "yes", R"(["x"])"};
    for (rapidjson::SizeType i = 0; i < values.Size(); ++i) CHECK(shown(values[i]) == expected[i]);
}

TEST_CASE("columns are as wide as their widest cell in characters, and absent members are dashes") {
    const std::string table = jobs_table(answer(
        R"({"jobs":[{"id":"j1","plugin":"Größe","state":"done","retries":1,"created":"c","finished":"f","problem":""},
                    {"id":"a-longer-id","plugin":"p"}]})"));
    CHECK(table == "JOB          PLUGIN  STATE  ATTEMPTS  CREATED  FINISHED  PROBLEM\n"
                   "j1           Größe   done   1         c        f         -\n"
                   "a-longer-id  p       -      -         -        -         -\n");
}

TEST_CASE("an answer without the list is a table of heads") {
    CHECK(plugins_table(answer("{}")).starts_with("PLUGIN  STATE  KIND"));
    CHECK(modules_table(answer(R"({"modules":1})")).starts_with("MODULE  STATE"));
}

TEST_CASE("a live plugin whose secret Hub has not confirmed is shown as such") {
    const auto shown = [](const std::string &more) {
        return plugins_table(answer(R"({"plugins":[{"name":"p","state":"live","reason":"")" + more + "}]}"));
    };
    CHECK(shown(R"(,"confirmed":false)").find("live, unconfirmed") != std::string::npos);
    CHECK(shown(R"(,"confirmed":false)").find("ID or secret is wrong") != std::string::npos);
    CHECK(shown(R"(,"confirmed":true)").find("unconfirmed") == std::string::npos);
    CHECK(shown("").find("unconfirmed") == std::string::npos);
}

TEST_CASE("an object is shown a line for each member, and one inside of it in that line") {
    CHECK(details(answer(R"({"state":"running","jobs":{"queued":1,"running":2},"pid":3})")) ==
          "state  running\njobs   1 queued, 2 running\npid    3\n");
    CHECK(details(answer("[]")).empty());
}

TEST_CASE("a module is shown with its generations and files") {
    const std::string text = module_details(answer(
        R"({"id":"m","state":"ready","generations":[{"number":2,"version":"1.1"}],"files":[{"file":"m.so","state":"ready"}]})"));
    CHECK(text.starts_with("id                m\n"));
    CHECK(text.find("\n2           1.1 ") != std::string::npos);
    CHECK(text.find("\nm.so  ready  -\n") != std::string::npos);
}

TEST_CASE("ids of jobs are cut where they differ, and never before the time in them ends") {
    const std::string table = jobs_table(answer(
        R"({"jobs":[{"id":"019a0000-0000-7aaa-8000-000000000001"},{"id":"019a0000-0000-7aab-8000-000000000001"}]})"));
    CHECK(table.find("\n019a0000-0000-7aaa ") != std::string::npos);
    CHECK(table.find("\n019a0000-0000-7aab ") != std::string::npos);
    const std::string one = jobs_table(answer(R"({"jobs":[{"id":"019a0000-0000-7aaa-8000-000000000001"}]})"));
    CHECK(one.find("\n019a0000-0000  ") != std::string::npos);
}

TEST_CASE("seconds and bytes are shown with units, and flags as words") {
    CHECK(details(answer(R"({"uptime_s":192,"resident_bytes":1500,"draining":true,"other_s":"x"})")) ==
          "uptime    3 min 12 s\nresident  1.5 KB\ndraining  yes\nother_s   x\n");
}

TEST_CASE("a plugin is shown with its hosts as a table") {
    CHECK(plugin_details(answer(R"({"name":"p","hosts":[]})")) == "name  p\n");
    CHECK(
        plugin_details(answer(
            R"({"name":"p","hosts":[{"pid":7,"jobs":1,"resident_bytes":2000000,"generation":3,"draining":false}]})")) ==
        "name  p\n\nHOST  JOBS  MEMORY  GENERATION  DRAINING\n7     1     2.0 MB  3           no\n");
}
