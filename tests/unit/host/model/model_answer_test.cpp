// The forms of a model's labels, how they are merged, and how they are recognised.
#include "host/model/model_answer.hpp"
#include "printing.hpp"

#include <doctest/doctest.h>
#include <fmt/format.h>

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
    return answer_of_task(*parsed);
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

TEST_CASE("the labels of a task are found under both names, and what is no label is left out") {
    CHECK(of_hub(R"({"answer":{"tools":[{"a":1},5,null],"classifications":null,"relations":{}}})").objects ==
          std::vector<std::string>{R"({"a":1})"});
    CHECK(of_hub(R"({"answer":{"objects":[{"a":1}],"tools":[{"b":1}]}})").objects ==
          std::vector<std::string>{R"({"b":1})", R"({"a":1})"});
    CHECK(of_hub(R"({"answer":{"objects":[{"objectId":"1","x":2},{"objectId":"2"}],"tools":[{"objectId":"1"}]}})")
              .objects == std::vector<std::string>{R"({"objectId":"1"})", R"({"objectId":"2"})"});
    CHECK(of_hub(R"({"answer":[]})").empty());
    CHECK(of_hub("{}").empty());
}

TEST_CASE("the brushes of a task stand beside its answer") {
    const ModelAnswer answer =
        of_hub(R"({"brushDataUrl":"u","medicalBrushDataUrl":"v","answer":{"brushDataUrl":"w"}})");
    CHECK(answer.brush == "u");
    CHECK(answer.medical_brush == "v");
    CHECK(of_hub(R"({"brushDataUrl":null,"answer":{"brushDataUrl":"w"}})").brush.empty());
}

TEST_CASE("existing labels stand behind the new ones, and a question keeps only its new answer") {
    ModelAnswer answer = read(
        R"({"objects":[{"n":3}],"classifications":[{"schemaId":"q1","answer":"new"},{"n":7}],"relations":[{"n":4}]})");
    merge_existing(
        answer,
        of_hub(
            R"({"answer":{"tools":[{"n":1},{"n":2}],"classifications":[{"schemaId":"q1","answer":"old"},{"schemaId":"q2"},{"n":8}],"relations":[{"n":5}]}})"));
    CHECK(
        all(answer) ==
        R"({"objects":[{"n":3},{"n":1},{"n":2}],"classifications":[{"schemaId":"q1","answer":"new"},{"n":7},{"schemaId":"q2"},{"n":8}],"relations":[{"n":4},{"n":5}]})");
}

TEST_CASE("a task is told of both brushes, so that an old one does not survive") {
    CHECK(both_brushes_text(read("{}")) == R"(,"brushDataUrl":null,"medicalBrushDataUrl":null)");
    CHECK(both_brushes_text(read(R"({"brushDataUrl":"u"})")) == R"(,"brushDataUrl":"u","medicalBrushDataUrl":null)");
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
    CHECK(contains(of_hub(R"({"answer":{"tools":[{"objectId":"z"},{"title":"T","objectId":"b"},{"objectId":"a"}]}})"),
                   labels));
    CHECK(!contains(of_hub(R"({"answer":{"tools":[{"objectId":"a"}]}})"), labels));
    CHECK(!contains(of_hub("{}"), labels));
}

TEST_CASE("labels without objects are there if Hub has all of them, equal") {
    ModelAnswer labels = read(
        R"({"classifications":[{"schemaId":"c","answer":"red"}],"relations":[{"from":"a","to":"b"}],"brushDataUrl":"u"})");
    const auto task = [](std::string_view color, std::string_view relation, std::string_view brush) {
        return of_hub(fmt::format(
            R"({{"brushDataUrl":"{}","answer":{{"classifications":[{{"answer":"{}","schemaId":"c","title":"T"}}],"relations":[{}]}}}})",
            brush, color, relation));
    };
    const char *near = R"({"to":"b","from":"a","title":"near"})";
    CHECK(contains(task("red", near, "u"), labels));
    CHECK(!contains(task("blue", near, "u"), labels));
    CHECK(!contains(task("red", "", "u"), labels));
    CHECK(!contains(task("red", near, "v"), labels));
}
