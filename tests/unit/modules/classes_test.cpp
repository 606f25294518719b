#include "common/classes.hpp"

#include <doctest/doctest.h>

using namespace ango::common;

namespace {

std::string names(const Classes &classes) {
    std::string text;
    for (const Classes::Ordered &one : classes.order()) text += one.name + " ";
    return text;
}

} // namespace

TEST_CASE("the order of the result does not depend on the order of appearance") {
    Classes forward(ClassKey::schema_id), backward(ClassKey::schema_id);
    for (const char *id : {"1", "2", "3"}) forward.use(*forward.find_or_add("Tree", id));
    for (const char *id : {"3", "2", "1"}) backward.use(*backward.find_or_add("Tree", id));
    CHECK(names(forward) == "Tree Tree#2 Tree#3 ");
    CHECK(names(backward) == names(forward));
}

TEST_CASE("an ontology may be a plain list of tools") {
    JsonParser parser;
    Classes classes(ClassKey::title);
    CHECK(classes.add_ontology(*parser.parse(R"([{"title":"b"},{"schemaId":"a"},{"tool":"point","title":"c"},17])"),
                               [](std::string_view tool) { return tool != "point"; }));
    CHECK(names(classes) == "b a ");
    CHECK_FALSE(classes.add_ontology(*parser.parse("null"), [](std::string_view) { return true; }));
}

TEST_CASE("a title and a schemaId that spell the same pair differently are told apart") {
    Classes classes(ClassKey::title);
    const auto a = classes.find_or_add("b", "a");
    const auto b = classes.find_or_add("", "ab");
    CHECK(*a != *b);
    CHECK_FALSE(classes.find_or_add("", ""));
}

TEST_CASE("a pinned class is found by what can be seen of its name, and one in another case is told") {
    Classes classes(ClassKey::title);
    classes.pin({"caf\u00e9", "Tree house"});
    CHECK(classes.find_or_add("cafe\u0301", "1") == 0);
    CHECK(classes.find_or_add("Tree\u00a0house ", "2") == 1);
    CHECK(classes.find_or_add("other", "3") == std::nullopt);
    CHECK(classes.warnings().empty());
    for (int twice = 0; twice < 2; ++twice) CHECK(classes.find_or_add("tree house", "4") == std::nullopt);
    CHECK(classes.warnings() ==
          std::vector<std::string>{
              "The class \"tree house\" of the export was left out. The class \"Tree house\" of option "
              "\"class_list\" differs from it only in upper and lower case."});
}
