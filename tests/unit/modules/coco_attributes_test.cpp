// export-coco: answers as attributes.
#include "coco_run.hpp"

#include <doctest/doctest.h>

namespace {

std::string box_with(const std::string &classifications) {
    return tool("bounding-box", R"({"x":1,"y":1,"width":2,"height":2})", R"("classifications":)" + classifications);
}

} // namespace

TEST_CASE("nested answers of every depth are attributes of their annotation") {
    const CocoRun run = convert_tools(box_with(R"([{"title":"Color","tool":"radio","answer":"red","classifications":[
        {"title":"Shade","answer":"dark"}]},{"title":"Parts","answer":["a",null,"b"]}])"));
    CHECK(run.first("attributes") == R"({"Color":"red","Shade":"dark","Parts":["a","b"]})");
}

TEST_CASE("answers of the task are attributes of the image") {
    const CocoRun run =
        convert({record_with("", R"("classifications":[{"title":"Weather","answer":["rain","fog"]}])")});
    CHECK(run.coco.text("images/0/attributes") == R"({"Weather":["rain","fog"]})");
}

TEST_CASE("unanswered questions are no attributes") {
    const CocoRun run = convert_tools(
        box_with(R"([{"title":"Color","answer":null},{"title":"Size"},{"title":"Parts","answer":[null]}])"));
    CHECK(run.coco.at("annotations/0/attributes") == nullptr);
}

TEST_CASE("a title that comes again gets a number") {
    const CocoRun run = convert_tools(box_with(
        R"([{"title":"A","answer":"1"},{"title":"A","answer":"2"},{"title":"A#2","answer":"4"},{"title":"A","answer":"3"}])"));
    CHECK(run.first("attributes") == R"({"A":"1","A#2":"2","A#2#2":"4","A#3":"3"})");
    CHECK(run.note("attribute_repeated") == 3);
}

TEST_CASE("an answer without title is called by its schemaId, one without both is noted") {
    const CocoRun run =
        convert_tools(box_with(R"([{"schemaId":"s-c","answer":"1"},{"answer":"2"},{"title":"O","answer":{"x":1}}])"));
    CHECK(run.first("attributes") == R"({"s-c":"1"})");
    CHECK(run.note("attribute_unreadable") == 2);
}

TEST_CASE("attributes=false counts the answers that it leaves out, once for each task") {
    const CocoRun run =
        convert({R"({"externalId":"s","dataset":["a","b"],"task":{"tools":[)" +
                 box_with(R"([{"title":"A","answer":"1","classifications":[{"title":"B","answer":"2"}]}])") +
                 R"(],"classifications":[{"title":"C","answer":"3"}]}})"},
                R"({"attributes":false})");
    CHECK(run.note("classifications_dropped") == 3);
    CHECK(run.coco.at("images/0/attributes") == nullptr);
}

TEST_CASE(
    "an answer that names a page goes to that page, others to all, and one without a page in the result is counted") {
    const CocoRun run = convert({R"({"externalId":"s","dataset":["a","b"],"task":{"classifications":[
        {"title":"All","answer":"x"},{"title":"One","answer":"y","page":1},{"title":"Far","answer":"z","page":5},
        {"title":"Over","answer":"w","page":0,"interpolationStopped":true}]}})"});
    CHECK(run.coco.text("images/0/attributes") == R"({"All":"x"})");
    CHECK(run.coco.text("images/1/attributes") == R"({"All":"x","One":"y"})");
    CHECK(run.note("classifications_dropped") == 1);
}

TEST_CASE("answers nested deeper than any stack are walked") {
    std::string deep = R"([{"title":"leaf","answer":"x"}])";
    for (int i = 0; i < 20000; ++i) deep = R"([{"classifications":)" + deep + "}]";
    const CocoRun run = convert_tools(box_with(deep));
    CHECK(run.first("attributes") == R"({"leaf":"x"})");
}

TEST_CASE("text that is not UTF-8 cannot spoil the file") {
    const CocoRun run = convert_tools(box_with("[{\"title\":\"A\xff\",\"answer\":\"\xc3\"}]"));
    CHECK(run.first("attributes") == "{\"A\xEF\xBF\xBD\":\"\xEF\xBF\xBD\"}");
}
