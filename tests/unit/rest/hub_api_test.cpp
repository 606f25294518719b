#include "rest/hub_api.hpp"

#include <doctest/doctest.h>

#include <algorithm>

using namespace angod::rest;

namespace {

std::string value(const Query &query, std::string_view name) {
    const auto it = std::find_if(query.begin(), query.end(), [&](const auto &each) { return each.first == name; });
    return it == query.end() ? "(absent)" : it->second;
}

std::string stage_of(std::optional<std::string_view> token) { return value(export_query({"P", token, {}}), "stage"); }
std::string batches_of(std::optional<std::string_view> token) {
    return value(export_query({"P", {}, token}), "batches");
}

} // namespace

TEST_CASE("an export without stages asks for what is complete") {
    CHECK(stage_of(std::nullopt) == R"(["Complete"])");
    CHECK(stage_of("null") == R"(["Complete"])");
}

TEST_CASE("stages go through as they came, an empty list as no parameter") {
    CHECK(stage_of(R"(["Label", "Review"])") == R"(["Label", "Review"])");
    CHECK(stage_of("[]") == "(absent)");
    CHECK(stage_of("[ \n ]") == "(absent)");
    CHECK(stage_of(R"("Label")") == R"(["Label"])");
}

TEST_CASE("batches are sent if there are any") {
    CHECK(batches_of(std::nullopt) == "(absent)");
    CHECK(batches_of("null") == "(absent)");
    CHECK(batches_of("[]") == "(absent)");
    CHECK(batches_of(R"(["b1"])") == R"(["b1"])");
}

TEST_CASE("the other parameters are those of the vendor's client") {
    const Query query = export_query({"P", {}, {}, true});
    for (const auto &each : Query{{"project", "P"},
                                  {"format", "ndjson"},
                                  {"type", "task"},
                                  {"sendEmail", "false"},
                                  {"doNotNotify", "true"},
                                  {"includeMetadata", "true"},
                                  {"includeHistory", "true"},
                                  {"includeOnlyKeyFrames", "true"},
                                  {"includeIdleBlurDurations", "false"},
                                  {"taskTypes", R"(["default"])"}})
        CHECK_MESSAGE(value(query, each.first) == each.second, each.first);
    CHECK(value(export_query({"P", {}, {}, false}), "includeOnlyKeyFrames") == "false");
}

TEST_CASE("values are percent-encoded in a query") {
    CHECK(query_text({}) == "");
    CHECK(query_text({{"stage", R"(["a b&c","ü"])"}, {"n", "1+1"}}) ==
          "?stage=%5B%22a%20b%26c%22%2C%22%C3%BC%22%5D&n=1%2B1");
}
