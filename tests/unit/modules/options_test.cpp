#include "common/options.hpp"

#include <ango/module.hpp>
#include <doctest/doctest.h>

using namespace ango::convert;

TEST_CASE("the nearest name is found over a slip, and not over another word") {
    const std::vector<std::string> names = {"export_labeled_assets", "holes", "clip"};
    CHECK(nearest_name("hole", names) == "holes");
    CHECK(nearest_name("Export_Labelled_Assets", names) == "export_labeled_assets");
    CHECK(nearest_name("colour", names).empty());
    CHECK(nearest_name(std::string(100000, 'x'), names).empty());
}

TEST_CASE("settings and options that are no objects are refused in one sentence") {
    CHECK_THROWS_WITH_AS(Options("[]", "{}"), "The plugin's settings must be a JSON object.", ango::Failure);
    CHECK_THROWS_AS(Options("{}", "{"), ango::Failure);
}

TEST_CASE("a long value is cut in the message") {
    Options options("", R"({"clip":")" + std::string(1000, 'x') + "\"}");
    std::string text;
    try {
        options.flag("clip", true);
    } catch (const ango::Failure &failure) {
        text = failure.user_text;
    }
    CHECK(text.size() < 150);
    CHECK(text.starts_with("Option \"clip\" is \"xxx"));
}
