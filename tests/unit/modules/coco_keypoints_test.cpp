// export-coco: option keypoints = group.
//
// Each case converts points, boxes and relations in memory (coco_run.hpp). In every case the accounting must balance:
// the members of a group are merged, all others are emitted or dropped. Rules: modules/FORMATS.md 5.4.
#include "coco_run.hpp"

#include <doctest/doctest.h>

namespace {

std::string point(const std::string &id, const std::string &title, const std::string &at,
                  const std::string &more = "") {
    return R"({"point":)" + at + R"(,"objectId":")" + id + R"(","schemaId":"s-)" + title + R"(","title":")" + title +
           '"' + more + "}";
}

std::string group(const std::string &members, const std::string &title = "Person") {
    return R"("relations":[{"objectId":"r1","schemaId":"s-r","title":")" + title + R"(","group":[)" + members + "]}]";
}

const std::string kBody =
    R"({"bounding-box":{"x":0,"y":0,"width":50,"height":60},"objectId":"b","schemaId":"s-b","title":"Body"})";
const std::string kConfig = R"({"keypoints":"group"})";

} // namespace

TEST_CASE("a group of points is one annotation with keypoints in title order") {
    const CocoRun run = convert(
        {record_with(point("p1", "nose", "[10,20]") + "," + point("p2", "ear", "[12.5,24]"), group(R"("p1","p2")"))},
        kConfig);
    CHECK(run.coco.text("categories") ==
          R"([{"id":1,"name":"Person","supercategory":"","keypoints":["ear","nose"],"skeleton":[]}])");
    CHECK(run.annotation_count() == 1);
    CHECK(run.first("keypoints") == "[12.5,24,2,10,20,2]");
    CHECK(run.first("num_keypoints") == "2");
    CHECK(run.first("bbox") == "[10,20,2.5,4]");
    CHECK(run.first("segmentation") == "[]");
    CHECK(run.first("ango_object_id") == "\"r1\"");
    CHECK(run.count("tools/point/merged") == 2);
    CHECK(run.note("relations_dropped") == 0);
    CHECK(run.balanced());
}

TEST_CASE("a keypoint that only another annotation has is missing with zeros") {
    const CocoRun run = convert({record_with(point("p1", "nose", "[10,20]"), group(R"("p1")")),
                                 record_with(point("p2", "ear", "[30,40]"), group(R"("p2")"))},
                                kConfig);
    CHECK(run.coco.text("annotations/0/keypoints") == "[0,0,0,10,20,2]");
    CHECK(run.coco.text("annotations/1/keypoints") == "[30,40,2,0,0,0]");
    CHECK(run.coco.text("annotations/1/num_keypoints") == "1");
}

TEST_CASE("points on one line, and a single one, have the box of their pixels") {
    const CocoRun run = convert(
        {record_with(point("p1", "nose", "[10.4,20.5]") + "," + point("p2", "ear", "[30,20.5]"), group(R"("p1","p2")")),
         record_with(point("p1", "nose", "[100,80]"), group(R"("p1")")),
         record_with(point("p1", "nose", "[5,6]") + "," + point("p2", "ear", "[9,9]"), group(R"("p1","p2")"))},
        kConfig);
    CHECK(run.coco.text("annotations/0/bbox") == "[10.4,20,19.6,1]");
    CHECK(run.coco.text("annotations/0/area") == "19.6");
    CHECK(run.coco.text("annotations/1/bbox") == "[99,79,1,1]"); // at the corner of the image
    CHECK(run.coco.text("annotations/2/bbox") == "[5,6,4,3]");
    CHECK(run.note("box_widened") == 2);
}

TEST_CASE("the box of a group is its bbox and is merged") {
    const CocoRun run =
        convert({record_with(kBody + "," + point("p1", "nose", "[10,20]"), group(R"("b","p1")"))}, kConfig);
    CHECK(run.annotation_count() == 1);
    CHECK(run.first("bbox") == "[0,0,50,60]");
    CHECK(run.count("tools/bounding-box/merged") == 1);
    CHECK(run.coco.size("categories") == 1);
}

TEST_CASE("an answer that says hidden or not visible makes v 1") {
    const auto answered = [](const std::string &title, const std::string &answer) {
        const CocoRun run =
            convert({record_with(point("p1", "nose", "[10,20]",
                                       R"(,"classifications":[{"title":")" + title + R"(","answer":)" + answer + "}]"),
                                 group(R"("p1")"))},
                    kConfig);
        return run.first("keypoints/2");
    };
    CHECK(answered("Occluded?", "\"Yes\"") == "1");
    CHECK(answered("Occluded?", "\"No\"") == "2");
    CHECK(answered("visible", "\"no\"") == "1");
    CHECK(answered("Visibility", "\"hidden\"") == "1");
    CHECK(answered("Visibility", "\"visible\"") == "2");
    CHECK(answered("Visibility", "[\"occluded\"]") == "1");
    CHECK(answered("Occlusion", "\"not occluded\"") == "2");
    CHECK(answered("Color", "\"no\"") == "2");
}

TEST_CASE("the first of two points with one title is kept and the second is dropped with its reason") {
    const CocoRun run = convert(
        {record_with(point("p1", "nose", "[10,20]") + "," + point("p2", "nose", "[11,21]"), group(R"("p1","p2")"))},
        kConfig);
    CHECK(run.first("keypoints") == "[10,20,2]");
    CHECK(run.note("keypoint_duplicate") == 1);
    CHECK(run.dropped("point", "duplicate_keypoint") == 1);
    CHECK(run.balanced());
}

TEST_CASE("a group with anything but points and one box is no keypoint group") {
    const std::string polygon = R"({"polygon":[[1,1],[5,1],[5,5]],"objectId":"g","title":"Tree"})";
    const CocoRun run =
        convert({record_with(polygon + "," + point("p1", "nose", "[10,20]"), group(R"("g","p1")"))}, kConfig);
    CHECK(run.count("tools/polygon/emitted") == 1);
    CHECK(run.dropped("point", "unsupported_tool") == 1);
    CHECK(run.note("keypoint_group_rejected") == 1);
    CHECK(run.note("relations_dropped") == 1);
}

TEST_CASE("a member that does not exist is noted and the rest of the group stands") {
    const CocoRun run = convert({record_with(point("p1", "nose", "[10,20]"), group(R"("p1","gone")"))}, kConfig);
    CHECK(run.first("num_keypoints") == "1");
    CHECK(run.note("relation_dangling") == 1);
}

TEST_CASE("without the option a group stays a relation and its points are unsupported") {
    const CocoRun run = convert({record_with(point("p1", "nose", "[10,20]"), group(R"("p1")"))});
    CHECK(run.annotation_count() == 0);
    CHECK(run.note("relations_dropped") == 1);
    CHECK(run.dropped("point", "unsupported_tool") == 1);
}

TEST_CASE("a class_list without the group's title leaves its members alone") {
    const CocoRun run = convert({record_with(kBody + "," + point("p1", "nose", "[10,20]"), group(R"("b","p1")"))},
                                R"({"keypoints":"group","class_list":["Body"]})");
    CHECK(run.count("tools/bounding-box/emitted") == 1);
    CHECK(run.dropped("point", "unsupported_tool") == 1);
    CHECK(run.note("keypoint_group_rejected") == 1);
}

TEST_CASE("a keypoint outside the image is dropped") {
    const CocoRun run = convert(
        {record_with(point("p1", "nose", "[10,20]") + "," + point("p2", "ear", "[500,20]"), group(R"("p1","p2")"))},
        kConfig);
    CHECK(run.first("num_keypoints") == "1");
    CHECK(run.dropped("point", "outside_image") == 1);
}

TEST_CASE("a group that holds another group is no keypoints") {
    const CocoRun run = convert(
        {record_with(point("p1", "nose", "[10,20]"), R"("relations":[{"objectId":"r1","title":"Inner","group":["p1"]},)"
                                                     R"({"objectId":"r2","title":"Outer","group":["r1","p1"]}])")},
        kConfig);
    CHECK(run.annotation_count() == 1);
    CHECK(run.coco.text("categories/0/name") == "\"Inner\"");
    CHECK(run.note("keypoint_group_rejected") == 1);
    CHECK(run.note("relations_dropped") == 1);
    CHECK(run.balanced());
}

TEST_CASE("a group that is keypoints nowhere is counted as a dropped relation, on pages too") {
    const std::string only_box = kBody + "," + point("p1", "nose", "[10,20]");
    CHECK(convert({record_with(only_box, group(R"("b")"))}, kConfig).note("relations_dropped") == 1);
    const auto pages = [](const std::string &members) {
        return R"({"externalId":"scan","dataset":["a","b"],"task":{"tools":[)" +
               point("p1", "nose", "[10,20]", R"(,"page":1)") + "]," + group(members) + "}}";
    };
    CHECK(convert({pages(R"("gone")")}, kConfig).note("relations_dropped") == 1);
    const CocoRun second_page = convert({pages(R"("p1")")}, kConfig);
    CHECK(second_page.annotation_count() == 1);
    CHECK(second_page.note("relations_dropped") == 0);
}

TEST_CASE("a group without a class is a dropped relation") {
    const CocoRun run = convert(
        {record_with(point("p1", "nose", "[10,20]"), R"("relations":[{"objectId":"r","group":["p1"]}])")}, kConfig);
    CHECK(run.note("keypoint_group_rejected") == 1);
    CHECK(run.note("relations_dropped") == 1);
}
