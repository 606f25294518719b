// The forms of a model's labels, how they are merged, and how they are recognised.
#include "host/model/model_answer.hpp"
#include "printing.hpp"

#include <doctest/doctest.h>

using namespace angod;
using namespace angod::host;

namespace {

ModelAnswer read(std::string_view text) {
    const auto answer = read_model_answer(text);
    REQUIRE(answer);
    return *answer;
}
std::string problem(std::string_view text) {
    const auto answer = read_model_answer(text);
    return answer ? "none" : answer.error().text;
}
ModelAnswer of_hub(std::string_view text) {
    const auto parsed = json::parse(text);
    REQUIRE(parsed);
    return answer_of_task(&*parsed);
}
std::string all(const ModelAnswer &answer) {
    return "{" + lists_text(answer) + brushes_text(answer) + others_text(answer) + "}";
}

} // namespace

TEST_CASE("what a model finds goes through as it came") {
    CHECK(all(read("")) == R"({"objects":[],"classifications":[],"relations":[]})");
    CHECK(read("").empty());
    CHECK(read(R"({"objects":[], "brushDataUrl":null})").empty());
    CHECK(
        all(read(
            R"( {"relations":[{"from" : "a"}],"objects":[{"n":1.50},{}],"medicalBrushDataUrl":"u","x":{"y":[1e2]}} )")) ==
        R"({"objects":[{"n":1.50},{}],"classifications":[],"relations":[{"from" : "a"}],"medicalBrushDataUrl":"u","x":{"y":[1e2]}})");
}

TEST_CASE("of a member that comes twice the last counts") {
    CHECK(read(R"({"objects":[{"a":1}],"objects":[{"b":2}]})").objects == std::vector<std::string>{R"({"b":2})"});
}

TEST_CASE("an answer that is none is refused with a sentence that names the member") {
    const std::string begin = "The model's answer cannot be used: ";
    CHECK(problem("[]") ==
          begin + "it must be an object with \"objects\", \"classifications\" and \"relations\", but is a list.");
    CHECK(problem("null").ends_with("but is null."));
    CHECK(problem(R"({"objects":null})") == begin + "\"objects\" must be a list, but is null.");
    CHECK(problem(R"({"relations":"none"})") == begin + "\"relations\" must be a list, but is a text.");
    CHECK(problem(R"({"classifications":[{},[]]})") ==
          begin + "element 2 of \"classifications\" must be an object, but is a list.");
    CHECK(problem(R"({"medicalBrushDataUrl":true})") ==
          begin + "\"medicalBrushDataUrl\" must be a text, but is true or false.");
    CHECK(problem(R"({"objects":[)").starts_with(begin));
    CHECK(problem("{" + std::string(R"("objects":[{"a":)") + std::string(100, '[')).starts_with(begin));
}

TEST_CASE("the labels of a task are found under either name, and what is no label is left out") {
    CHECK(of_hub(R"({"tools":[{"a":1},5,null],"classifications":null,"relations":{}})").objects ==
          std::vector<std::string>{R"({"a":1})"});
    CHECK(of_hub(R"({"objects":[{"a":1}],"tools":[{"b":1}]})").objects == std::vector<std::string>{R"({"a":1})"});
    CHECK(of_hub(R"({"brushDataUrl":"u"})").brush == "u");
    CHECK(of_hub("[]").empty());
    CHECK(answer_of_task(nullptr).empty());
}

TEST_CASE("what is there comes before what is new; a brush stays until there is another") {
    ModelAnswer answer = read(R"({"objects":[{"n":3}],"relations":[{"n":4}],"brushDataUrl":"new"})");
    merge_before(
        answer,
        of_hub(
            R"({"tools":[{"n":1},{"n":2}],"classifications":[{"n":0}],"brushDataUrl":"old","medicalBrushDataUrl":"old"})"));
    CHECK(
        all(answer) ==
        R"({"objects":[{"n":1},{"n":2},{"n":3}],"classifications":[{"n":0}],"relations":[{"n":4}],"brushDataUrl":"new","medicalBrushDataUrl":"old"})");
}

TEST_CASE("objects without an id get one that is always the same") {
    const char *text = R"({"objects":[{},{"objectId":"mine","x":1},{"objectId":null,"y":2},{"objectId":""}]})";
    ModelAnswer one = read(text), again = read(text), other = read(text);
    add_object_ids(one, "job");
    add_object_ids(again, "job");
    add_object_ids(other, "another job");
    CHECK(all(one) == all(again));
    CHECK(one.objects[1] == R"({"objectId":"mine","x":1})");
    CHECK(one.objects[2].ends_with(R"(,"y":2})"));
    for (const std::size_t made : {0u, 2u, 3u}) {
        const auto object = json::parse(one.objects[made]);
        REQUIRE(object);
        CHECK(json::text_or(*object, "objectId", "").size() == 24);
        CHECK(one.objects[made] != other.objects[made]);
    }
    CHECK(one.objects[0] != one.objects[3]);
}

TEST_CASE("labels are known again by the ids of their objects, whatever else Hub made of them") {
    ModelAnswer labels =
        read(R"({"objects":[{"objectId":"a"},{"objectId":"b"}],"classifications":[{"schemaId":"c","answer":"red"}]})");
    CHECK(contains(of_hub(R"({"tools":[{"objectId":"z"},{"title":"T","objectId":"b"},{"objectId":"a"}]})"), labels));
    CHECK(!contains(of_hub(R"({"tools":[{"objectId":"a"}]})"), labels));
    CHECK(!contains(of_hub("{}"), labels));
}

TEST_CASE("labels without objects are there if Hub has all of them, equal") {
    ModelAnswer labels = read(
        R"({"classifications":[{"schemaId":"c","answer":"red"}],"relations":[{"from":"a","to":"b"}],"brushDataUrl":"u"})");
    const char *rest = R"("relations":[{"to":"b","from":"a","title":"near"}],"brushDataUrl":"u"})";
    CHECK(
        contains(of_hub(R"({"classifications":[{"answer":"red","schemaId":"c","title":"Color"}],)" + std::string(rest)),
                 labels));
    CHECK(!contains(of_hub(R"({"classifications":[{"answer":"blue","schemaId":"c"}],)" + std::string(rest)), labels));
    CHECK(!contains(
        of_hub(
            R"({"classifications":[{"answer":"red","schemaId":"c"}],"relations":[{"to":"b","from":"a"}],"brushDataUrl":"v"})"),
        labels));
}
