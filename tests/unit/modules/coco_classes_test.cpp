// export-coco: categories, their order and names.
#include "coco_run.hpp"

#include <doctest/doctest.h>

namespace {

std::string box(const std::string &schema_id, const std::string &title) {
    return R"({"bounding-box":{"x":1,"y":1,"width":2,"height":2},"objectId":"o")" +
           (schema_id.empty() ? "" : R"(,"schemaId":")" + schema_id + '"') +
           (title.empty() ? "" : R"(,"title":")" + title + '"') + "}";
}

CocoRun with_event(const std::string &tools, const std::string &event, const std::string &config = "{}") {
    fake_host::Run run;
    run.records = {record_with(tools)};
    run.event = event;
    run.config = config;
    return CocoRun(run);
}

const std::string kSchema =
    R"({"projectId":"p","categorySchema":{"tools":[{"schemaId":"s9","title":"Zebra","tool":"bounding-box"},)"
    R"({"schemaId":"s8","title":"Nose","tool":"point"},{"schemaId":"s7","title":"Ant","tool":"polygon"}],"classifications":[]},"session":"x"})";

} // namespace

TEST_CASE("categories are numbered by byte order of their names, not by appearance") {
    const CocoRun run =
        convert_tools(box("1", "b") + "," + box("2", "\u00e9") + "," + box("3", "B") + "," + box("4", "a"));
    CHECK(run.coco.text("categories") ==
          R"([{"id":1,"name":"B","supercategory":""},{"id":2,"name":"a","supercategory":""},)"
          R"({"id":3,"name":"b","supercategory":""},{"id":4,"name":")"
          "\u00e9"
          R"(","supercategory":""}])");
    CHECK(run.coco.text("annotations/0/category_id") == "3");
    CHECK(run.coco.text("annotations/3/category_id") == "2");
}

TEST_CASE("equal titles of different schemaIds are one category, which lists both in the report") {
    const CocoRun run = convert_tools(box("1", "Tree") + "," + box("2", "Tree"));
    CHECK(run.report.text("classes") == R"([{"id":1,"name":"Tree","schemaIds":["1","2"]}])");
}

TEST_CASE("with class_key=schemaId the later of two equal titles carries its schemaId") {
    const CocoRun run = convert_tools(box("2", "Tree") + "," + box("1", "Tree"), R"({"class_key":"schemaId"})");
    CHECK(run.coco.text("categories/0/name") == "\"Tree\"");
    CHECK(run.coco.text("categories/1/name") == "\"Tree#2\"");
    CHECK(run.coco.text("annotations/0/category_id") == "2");
}

TEST_CASE("a tool without title is called by its schemaId, one without both has no class") {
    const CocoRun run = convert_tools(box("s-1", "") + "," + box("", ""));
    CHECK(run.coco.text("categories/0/name") == "\"s-1\"");
    CHECK(run.dropped("bounding-box", "no_class") == 1);
}

TEST_CASE("class_list pins order and set of the categories") {
    const CocoRun run = convert_tools(box("1", "a") + "," + box("2", "c"), R"({"class_list":["c","b"]})");
    CHECK(run.coco.text("categories/0/name") == "\"c\"");
    CHECK(run.coco.text("categories/1/name") == "\"b\"");
    CHECK(run.annotation_count() == 1);
    CHECK(run.first("category_id") == "1");
    CHECK(run.dropped("bounding-box", "no_class") == 1);
}

TEST_CASE("names of class_list that look the same are one category") {
    const CocoRun run = convert_tools(box("1", "Tree") + "," + box("2", "Tree ") + "," + box("3", "caf\u00e9") + "," +
                                          box("4", "cafe\u0301"),
                                      R"({"class_list":["Tree","Tree ","caf\u00e9","cafe\u0301"]})");
    CHECK(run.annotation_count() == 4);
    CHECK(run.coco.text("categories/0/name") == "\"Tree\"");
    CHECK(run.coco.text("categories/1/name") == "\"caf\u00e9\"");
    CHECK(run.coco.text("categories").find("\"id\":3") == std::string::npos);
}

TEST_CASE("the event's ontology gives the order, also of classes without objects, but not of tools COCO cannot hold") {
    const CocoRun run = with_event(box("s7", "Ant") + "," + box("s5", "Bee"), kSchema);
    CHECK(run.report.text("classes") ==
          R"([{"id":1,"name":"Zebra","schemaIds":["s9"]},{"id":2,"name":"Ant","schemaIds":["s7"]},)"
          R"({"id":3,"name":"Bee","schemaIds":["s5"]}])");
}

TEST_CASE("class_list wins over the ontology") {
    const CocoRun run = with_event(box("s7", "Ant"), kSchema, R"({"class_list":["Ant"]})");
    CHECK(run.coco.size("categories") == 1);
}

TEST_CASE("a null categorySchema is none") {
    const CocoRun run = with_event(box("s7", "Ant"), R"({"categorySchema":null})");
    CHECK(run.coco.text("categories/0/name") == "\"Ant\"");
}

TEST_CASE("a class of which every tool was dropped is no category") {
    const CocoRun run = convert_tools(tool("polygon", "[[1,1]]"));
    CHECK(run.coco.size("categories") == 0);
}
