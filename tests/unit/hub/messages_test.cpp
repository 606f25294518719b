#include "base/json.hpp"
#include "hub/messages.hpp"
#include "printing.hpp"

#include <doctest/doctest.h>
#include <fmt/format.h>

using namespace angod;

TEST_CASE("session, organisation and user of an event are kept as the tokens that came") {
    const auto event = hub::parse_plugin_event(R"({"session":"a\u0062","orgId":{"x":1},"runBy":5,"apiKey":"k"})", "ID");
    REQUIRE(event);
    CHECK(event->session == R"("a\u0062")");
    CHECK(event->log_context == R"({"organization":{"x":1},"pluginId":"ID","runBy":5,"session":"a\u0062"})");
    CHECK(event->digest.size() == 32);
}

TEST_CASE("a session may be a number; an event without one is refused") {
    CHECK(hub::parse_plugin_event(R"({"session":17})", "ID")->session == "17");
    for (const char *bad : {"{}", R"({"session":null})", R"({"session":""})", "[]", "null", "{"})
        CHECK_MESSAGE(!hub::parse_plugin_event(bad, "ID"), bad);
}

TEST_CASE("the session of an event that is nested too deeply for any work is known all the same") {
    const std::string deep = R"({"session":"s","a":)" + std::string(1000, '[') + std::string(1000, ']') + "}";
    REQUIRE(hub::parse_plugin_event(deep, "ID"));
    CHECK(hub::parse_plugin_event(deep, "ID")->session == "\"s\"");
}

TEST_CASE("an event says whether a workflow runs it and whether it imports, in any way that Python takes for true") {
    const auto flags = [](std::string_view members) {
        return hub::parse_plugin_event(fmt::format(R"({{"session":1{}}})", members), "ID")->flags;
    };
    for (const char *yes : {"true", "1", "\"x\"", "{\"a\":1}", "[0]"}) {
        CHECK_MESSAGE(flags(fmt::format(R"(,"workflow":{})", yes)).workflow, yes);
        CHECK_MESSAGE(flags(fmt::format(R"(,"upload":{})", yes)).upload, yes);
    }
    for (const char *no : {"false", "0", "null", "\"\"", "[]", "{}"}) {
        CHECK_MESSAGE(!flags(fmt::format(R"(,"workflow":{})", no)).workflow, no);
        CHECK_MESSAGE(!flags(fmt::format(R"(,"upload":{})", no)).upload, no);
    }
    CHECK(!flags("").workflow);
    CHECK(has_effects(PluginKind::model, {.workflow = true}));
    CHECK(!has_effects(PluginKind::model, {.upload = true}));
    CHECK(has_effects(PluginKind::file_explorer, {.upload = true}));
    CHECK(!has_effects(PluginKind::file_explorer, {}));
    CHECK(!has_effects(PluginKind::input, {.workflow = true, .upload = true}));
}

TEST_CASE("events that differ in one byte have different digests") {
    CHECK(hub::parse_plugin_event(R"({"session":1})", "I")->digest !=
          hub::parse_plugin_event(R"({"session":1 })", "I")->digest);
}

TEST_CASE("answers have the shape that Hub expects of each kind") {
    CHECK(hub::answer(PluginKind::input, R"({"a":1})", "\"s\"") == R"({"response":{"a":1},"session":"s"})");
    CHECK(hub::answer(PluginKind::export_, "\"u\"", "7") == R"({"export":true,"response":"u","session":7})");
    CHECK(hub::error_answer("\"s\"") == R"({"error":true,"session":"s"})");
    CHECK(hub::heartbeat("i\"", "s") == R"({"id":"i\"","secret":"s"})");
}

TEST_CASE("a log message carries its context, level and text") {
    const std::string message =
        hub::log_message(R"({"organization":"o","session":"s"})", hub::LogLevel::warning, "a \"b\"");
    CHECK(message == R"({"organization":"o","session":"s","level":"WARNING","msg":"a \"b\""})");
}

TEST_CASE("the API key of an event is known as text, unless it could not stand in a header") {
    const auto key = [](const std::string &token) {
        return hub::parse_plugin_event(R"({"session":1,"apiKey":)" + token + "}", "ID")->api_key;
    };
    CHECK(key(R"("a\u0062c")") == "abc");
    for (const char *bad : {"null", "7", "\"\"", R"("a b")", R"("a\r\nb")", R"("\u00e9")"})
        CHECK_MESSAGE(key(bad).empty(), bad);
    CHECK(hub::parse_plugin_event(R"({"session":1})", "ID")->api_key.empty());
}
