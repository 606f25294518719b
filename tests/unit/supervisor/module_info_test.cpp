#include "printing.hpp"
#include "supervisor/module_info.hpp"

#include <doctest/doctest.h>

#include <string>

using namespace angod;
using angod::supervisor::parse_module_info;

TEST_CASE("a descriptor is read") {
    const std::string text = R"({"id":"a","name":"A","version":"1.2","summary":"s","abi":"1.0","concurrent":true,)"
                             R"("kinds":["model","export","one of the future",7]})";
    const auto info = parse_module_info(text);
    REQUIRE(info);
    CHECK(info->id == "a");
    CHECK(info->name == "A");
    CHECK(info->version == "1.2");
    CHECK(info->summary == "s");
    CHECK(info->abi == "1.0");
    CHECK(info->concurrent);
    REQUIRE(info->kinds.size() == 2); // kinds that this daemon does not know are left out
    CHECK(info->kinds[0] == PluginKind::model);
    CHECK(info->kinds[1] == PluginKind::export_);
    CHECK(info->descriptor == text);
}

TEST_CASE("a descriptor needs an id and a kind, and nothing else") {
    const auto info = parse_module_info(R"({"id":"a","kinds":["model"]})");
    REQUIRE(info);
    CHECK(info->name == "a");
    CHECK(info->version == "0");
    CHECK(!info->concurrent);
    for (const std::string bad :
         {"", "[]", "no JSON", R"({"kinds":["model"]})", R"({"id":"a"})", R"({"id":"a","kinds":["unknown"]})"}) {
        CAPTURE(bad);
        const auto refused = parse_module_info(bad);
        REQUIRE(!refused);
        CHECK(refused.error().code == Code::protocol);
    }
}
