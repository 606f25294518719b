#include "ctl/run_event.hpp"

#include "base/json.hpp"
#include "printing.hpp"

#include <doctest/doctest.h>

#include <algorithm>

using namespace angod;
using namespace angod::ctl;

TEST_CASE("an event keeps what it has, to the letter, and gets what is missing") {
    const auto event = complete_event(R"({ "projectId" : "p", "odd":[1, 2],"configJSON":null,"apiKey":"k\u0065y" })",
                                      PluginKind::model);
    REQUIRE(event);
    CHECK(event->text.starts_with(R"({"projectId":"p","odd":[1, 2],"configJSON":null,"apiKey":"k\u0065y",)"));
    CHECK(event->api_key == R"("k\u0065y")");
    const auto filled = [&](const char *name) {
        return std::find(event->filled.begin(), event->filled.end(), name) != event->filled.end();
    };
    CHECK(filled("session"));
    CHECK(filled("taskId"));
    CHECK_FALSE(filled("projectId"));
    CHECK_FALSE(filled("configJSON"));
    CHECK_FALSE(filled("apiKey"));
    const auto parsed = json::parse(event->text);
    REQUIRE(parsed);
    CHECK(parsed->MemberCount() == 4 + event->filled.size());
}

TEST_CASE("an empty event is enough for every kind") {
    for (const PluginKind kind : kAllKinds) {
        const auto event = complete_event("{}", kind);
        REQUIRE(event);
        const auto parsed = json::parse(event->text);
        REQUIRE(parsed);
        CHECK(json::text_or(*parsed, "projectId", "") == "project-1");
    }
}

TEST_CASE("what is no object is no event") {
    for (const char *text : {"", "[]", "7", "{", "{}x"}) CHECK_FALSE(complete_event(text, PluginKind::input));
}

TEST_CASE("a file takes the place of the event's own") {
    const auto event = with_input_file(R"({"a":1,"inputFile":"b2xk","b":2})", "new");
    REQUIRE(event);
    CHECK(*event == R"({"a":1,"b":2,"inputFile":"bmV3"})");
}
