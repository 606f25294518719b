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
