#include "base/letter_case.hpp"

#include <doctest/doctest.h>

#include <vector>

using namespace angod;

TEST_CASE("a name that is there in another case is told") {
    const std::vector<std::string> names{"coco", "Day-2"};
    const auto said = [&](std::string_view name) {
        return only_in_another_case(name, names, [](const std::string &each) { return each; });
    };
    CHECK(said("COCO") == "; \"coco\" differs from it only in upper and lower case");
    CHECK(said("day-2") == "; \"Day-2\" differs from it only in upper and lower case");
    CHECK(said("coco") == "");
    CHECK(said("cocoa") == "");
    CHECK(said("") == "");
}
