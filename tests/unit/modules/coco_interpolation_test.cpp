// export-coco: option interpolate = linear, the frames between the key frames of a video.
#include "coco_run.hpp"

#include <doctest/doctest.h>

namespace {

std::string box(double x, int page, const std::string &more = "") {
    return R"({"bounding-box":{"x":)" + std::to_string(x) +
           R"(,"y":10,"width":20,"height":10},"objectId":"o","schemaId":"s","title":"Car","page":)" +
           std::to_string(page) + more + "}";
}

std::string video(const std::string &tools, const std::string &more = "") {
    return R"({"externalId":"clip.mp4","metadata":{"width":200,"height":100,"frameTotal":500},"task":{"taskId":"t",)" +
           more + R"("tools":[)" + tools + "]}}";
}

CocoRun linear(const std::string &tools, const std::string &more_options = "", const std::string &more_of_task = "") {
    return convert({video(tools, more_of_task)}, R"({"video":"frames","interpolate":"linear")" + more_options + "}");
}

const std::string kStopped = R"(,"interpolationStopped":true)";

} // namespace

TEST_CASE("interpolate=linear fills the frames between two key frames of a box, counted apart") {
    const CocoRun run = linear(box(0, 2) + "," + box(40, 6));
    CHECK(run.coco.size("images") == 5);
    CHECK(run.coco.text("images/1/file_name") == "\"clip_p000003.jpg\"");
    CHECK(run.annotation_count() == 5);
    CHECK(run.coco.text("annotations/0/bbox") == "[0,10,20,10]");
    CHECK(run.coco.text("annotations/1/bbox") == "[10,10,20,10]");
    CHECK(run.coco.text("annotations/3/bbox") == "[30,10,20,10]");
    CHECK(run.coco.text("annotations/4/bbox") == "[40,10,20,10]");
    CHECK(run.coco.text("annotations/3/ango_object_id") == "\"o\"");
    CHECK(run.count("tools/bounding-box/in") == 2);
    CHECK(run.count("tools/bounding-box/emitted") == 2);
    CHECK(run.note("interpolated") == 3);
    CHECK(run.balanced());
}

TEST_CASE("no frame is invented without the option, nor outside the key frames") {
    CHECK(convert({video(box(0, 2) + "," + box(40, 6))}, R"({"video":"frames"})").annotation_count() == 2);
    CHECK(linear(box(0, 2)).coco.size("images") == 1);
}

TEST_CASE("key frames are those of one object and one tool, in any order") {
    std::string other = box(100, 4);
    other.replace(other.find("\"o\""), 3, "\"p\"");
    const CocoRun run = linear(box(40, 6) + "," + other + "," + box(0, 2));
    CHECK(run.annotation_count() == 6);
    CHECK(run.note("interpolated") == 3);
    std::string nameless = box(0, 1) + "," + box(9, 9);
    for (std::size_t at; (at = nameless.find("\"o\"")) != std::string::npos;) nameless.replace(at, 3, "\"\"");
    CHECK(linear(nameless).annotation_count() == 2);
    CHECK(linear(box(0, 2) + R"(,{"polygon":[[0,0],[9,0],[9,9]],"objectId":"o","schemaId":"s","title":"Car","page":6})")
              .annotation_count() == 2);
}

TEST_CASE("polygons are not interpolated") {
    const auto polygon = [](int page) {
        return R"({"polygon":[[0,0],[9,0],[9,9]],"objectId":"o","schemaId":"s","title":"Car","page":)" +
               std::to_string(page) + "}";
    };
    CHECK(linear(polygon(0) + "," + polygon(9)).annotation_count() == 2);
}

TEST_CASE("an object shows until the frame before its end, and not from there to its next key frame") {
    const CocoRun run = linear(box(0, 2) + "," + box(30, 5, kStopped) + "," + box(50, 9) + "," + box(60, 11));
    CHECK(run.coco.text("images/2/file_name") == "\"clip_p000004.jpg\"");
    CHECK(run.coco.text("images/3/file_name") == "\"clip_p000009.jpg\"");
    CHECK(run.coco.text("annotations/2/bbox") == "[20,10,20,10]"); // towards the copy that the end carries
    CHECK(run.annotation_count() == 6);
    CHECK(run.count("tools/bounding-box/ended") == 1);
    CHECK(run.balanced());
}

TEST_CASE("an end without a shape leaves the object where it was") {
    const CocoRun run =
        linear(box(7, 2) + R"(,{"bounding-box":null,"objectId":"o","page":5,"interpolationStopped":true})");
    CHECK(run.annotation_count() == 3);
    CHECK(run.coco.text("annotations/2/bbox") == "[7,10,20,10]");
}

TEST_CASE("a box that was drawn from another corner does not turn over on its way") {
    const CocoRun run =
        linear(box(0, 0) +
               R"(,{"bounding-box":{"x":20,"y":20,"width":-20,"height":-10},"objectId":"o","title":"Car","page":2})");
    CHECK(run.coco.text("annotations/1/bbox") == "[0,10,20,10]");
}

TEST_CASE("interpolated tools outside of the image or without a usable shape are left out with a note") {
    const CocoRun out = linear(box(150, 0) + "," + box(350, 4));
    CHECK(out.annotation_count() == 1); // at 150; 200, 250, 300 and the key frame at 350 lie outside
    CHECK(out.note("interpolated_dropped") == 3);
    CHECK(out.dropped("bounding-box", "outside_image") == 1);
    CHECK(out.balanced());
    const CocoRun nonsense = linear(box(0, 0) + R"(,{"bounding-box":{"x":1},"objectId":"o","title":"Car","page":2})");
    CHECK(nonsense.annotation_count() == 1);
    CHECK(nonsense.note("interpolated_dropped") == 1);
    CHECK(nonsense.balanced());
}

TEST_CASE("points are interpolated where they become keypoints") {
    const auto point = [](int x, int page) {
        return R"({"point":[)" + std::to_string(x) + R"(,5],"objectId":"p","schemaId":"s","title":"Nose","page":)" +
               std::to_string(page) + "}";
    };
    const std::string tools = point(0, 0) + "," + point(10, 2);
    const std::string group = R"("relations":[{"title":"Face","group":["p"]}],)";
    const CocoRun run = linear(tools, R"(,"keypoints":"group")", group);
    CHECK(run.annotation_count() == 3);
    CHECK(run.coco.text("annotations/1/keypoints") == "[5,5,2]");
    CHECK(run.note("interpolated_merged") == 1);
    CHECK(run.balanced());
    CHECK(linear(tools, "", group).coco.size("images") == 2); // where points have no place no frame is made for them
}

TEST_CASE("a gap that no video has is left open with a note") {
    const CocoRun run = linear(box(0, 2) + "," + box(40, 2000000000));
    CHECK(run.annotation_count() == 2);
    CHECK(run.note("interpolation_too_long") == 1);
}

TEST_CASE("interpolate_gap is the longest gap that is filled") {
    const std::string tools = box(0, 0) + "," + box(40, 4);
    CHECK(linear(tools, R"(,"interpolate_gap":3)").annotation_count() == 5);
    CHECK(linear(tools, R"(,"interpolate_gap":2)").annotation_count() == 2);
}

TEST_CASE("pages of a multi-image asset are no frames") {
    const CocoRun run = convert(
        {R"({"externalId":"scan","dataset":["a","b","c","d"],"task":{"tools":[)" + box(0, 0) + "," + box(9, 3) + "]}}"},
        R"({"interpolate":"linear"})");
    CHECK(run.annotation_count() == 2);
}

TEST_CASE("the frames of an object's own list are key frames and ends too") {
    const CocoRun run = linear(R"({"schemaId":"s","objectId":"o","title":"Car","frames":[
        {"frame":1,"bounding-box":{"x":0,"y":0,"width":5,"height":5}},
        {"frame":3,"bounding-box":{"x":10,"y":0,"width":5,"height":5}},
        {"frame":5,"interpolationStopped":true},
        {"frame":9,"bounding-box":{"x":0,"y":0,"width":5,"height":5}}]})");
    CHECK(run.annotation_count() == 5);
    CHECK(run.coco.text("annotations/1/bbox") == "[5,0,5,5]");
    CHECK(run.coco.text("annotations/3/bbox") == "[10,0,5,5]");
    CHECK(run.count("tools/unknown/ended") == 1);
    CHECK(run.balanced());
}
