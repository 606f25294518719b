#include "ctl/find_ids.hpp"
#include "printing.hpp"

#include <doctest/doctest.h>

using namespace angod;
using namespace angod::ctl;

namespace {

const std::vector<Candidate> kPlugins{
    {"coco", "3f21726c37f8fe5e3690ced2"}, {"cocoa", "3f21aaaaaaaaaaaaaaaaaaaa"}, {"3f21", "ffffffffffffffffffffffff"}};
const std::vector<Candidate> kModules{{"export-coco", ""}, {"export-lines", ""}, {"echo", ""}};

std::string plugin(std::string_view given) {
    const auto found = choose("plugin", given, kPlugins, true);
    return found ? *found : "error: " + found.error().text;
}
std::string module(std::string_view given) {
    const auto found = choose("module", given, kModules, false);
    return found ? *found : "error: " + found.error().text;
}

json::Document jobs(std::string_view list) {
    auto document = json::parse(R"({"jobs":[)" + std::string(list) + "]}");
    REQUIRE(document);
    return std::move(*document);
}

} // namespace

TEST_CASE("a plugin is found by its whole name, or by its id in Hub or a beginning of it that is unique") {
    CHECK(plugin("coco") == "coco");
    CHECK(plugin("3f21726c37f8fe5e3690ced2") == "coco");
    CHECK(plugin("3f217") == "coco");
    CHECK(plugin("3f21") == "3f21"); // a whole name comes before a beginning of an id
}

TEST_CASE("an error names the plugins that fit, or the nearest name") {
    CHECK(choose("plugin", "3f21", {{"a", "3f21a"}, {"b", "3f21b"}}, true).error().text ==
          R"("3f21" fits several plugins; write more of it: a (id 3f21a), b (id 3f21b))");
    CHECK(plugin("cocob") == R"(error: there is no plugin "cocob"; did you mean "coco"?)");
    CHECK(plugin("zebra") == R"(error: there is no plugin "zebra")");
    CHECK(plugin("3f2") == R"(error: there is no plugin "3f2"; did you mean "3f21"?)");
}

TEST_CASE("a module is found by the beginning of its id, of at least four characters") {
    CHECK(module("export-c") == "export-coco");
    CHECK(module("echo") == "echo");
    CHECK(module("ech") == R"(error: there is no module "ech"; did you mean "echo"?)");
    CHECK(module("export") == R"(error: "export" fits several modules; write more of it: export-coco, export-lines)");
}

TEST_CASE("a job is the only one that was found, or an error lists those that fit") {
    const auto one = jobs(R"({"id":"019a-1","plugin":"p","state":"done"})");
    const auto two =
        jobs(R"({"id":"019a-1","plugin":"p","state":"done"},{"id":"019a-2","plugin":"q","state":"queued"})");
    const auto none = jobs("");
    CHECK(*choose_job("019a", one) == "019a-1");
    CHECK(choose_job("019a", two).error().text ==
          R"("019a" fits several jobs; write more of the id: 019a-1 (plugin p, done), 019a-2 (plugin q, queued))");
    CHECK(choose_job("019a", none).error().text ==
          R"(there is no job whose id begins with "019a", and none with this session)");
}
