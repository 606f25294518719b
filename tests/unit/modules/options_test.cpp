#include "common/options.hpp"

#include <ango/module.hpp>
#include <doctest/doctest.h>

using namespace ango::common;

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

TEST_CASE("the first of many unknown names are named and the others are counted") {
    const auto sentences = [](int count) {
        std::string config = "{";
        for (int i = 0; i < count; ++i) config += (i ? ",\"n" : "\"n") + std::to_string(i) + "\":0";
        return Options("", config + "}").unknown_names();
    };
    CHECK(sentences(20).size() == 20);
    CHECK(sentences(20).back() == "Option \"n19\" is unknown and has no effect.");
    CHECK(sentences(5000).size() == 21);
    CHECK(sentences(5000).back() == "4980 more options are unknown and have no effect.");
}

TEST_CASE("a word counts without blanks around it, and what cannot be seen is shown") {
    Options options("", "{\"holes\":\" rle\u00a0\",\"video\":\"fr\u00a0ames\",\"clip \":true}");
    CHECK(options.choice("holes", {"bridge", "rle"}) == 1);
    std::string text;
    try {
        options.choice("video", {"skip", "frames"});
    } catch (const ango::Failure &failure) {
        text = failure.user_text;
    }
    CHECK(text.starts_with("Option \"video\" is \"fr<U+00A0>ames\", but must be "));
    options.flag("clip", true);
    CHECK(options.unknown_names() ==
          std::vector<std::string>{"Option \"clip\u2420\" is unknown and has no effect; did you mean \"clip\"?"});
}
