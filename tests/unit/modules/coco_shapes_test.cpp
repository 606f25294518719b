// export-coco: the annotation of each shape.
//
// Each case converts one tool on an image of 100 x 80 pixels in memory (coco_run.hpp) and looks at segmentation, area
// and bbox, or at the reason why the tool was dropped. Rules: modules/FORMATS.md 1.5, 4.7 and 5.2.
#include "coco_run.hpp"

#include <doctest/doctest.h>

TEST_CASE("a box becomes its four corners, its area and a bbox") {
    const CocoRun run = convert_tools(tool("bounding-box", R"({"x":10,"y":20,"width":30,"height":40.5})"));
    CHECK(run.first("segmentation") == "[[10,20,40,20,40,60.5,10,60.5]]");
    CHECK(run.first("area") == "1215");
    CHECK(run.first("bbox") == "[10,20,30,40.5]");
    CHECK(run.first("iscrowd") == "0");
    CHECK(run.first("ango_object_id") == "\"o1\"");
}

TEST_CASE("a box drawn towards the top left is turned to positive sizes") {
    const CocoRun run = convert_tools(tool("bounding-box", R"({"x":60,"y":50,"width":-20,"height":-10})"));
    CHECK(run.first("bbox") == "[40,40,20,10]");
}

TEST_CASE("box_segmentation=false leaves the segmentation of boxes empty") {
    const CocoRun run =
        convert_tools(tool("bounding-box", R"({"x":1,"y":2,"width":3,"height":4})"), R"({"box_segmentation":false})");
    CHECK(run.first("segmentation") == "[]");
    CHECK(run.first("bbox") == "[1,2,3,4]");
}

TEST_CASE("a box over the border is clipped and noted") {
    const CocoRun run = convert_tools(tool("bounding-box", R"({"x":90,"y":-10,"width":30,"height":20})"));
    CHECK(run.first("bbox") == "[90,0,10,10]");
    CHECK(run.first("area") == "100");
    CHECK(run.note("clipped") == 1);
}

TEST_CASE("clip=false keeps a box as it was drawn") {
    const CocoRun run =
        convert_tools(tool("bounding-box", R"({"x":90,"y":-10,"width":30,"height":20})"), R"({"clip":false})");
    CHECK(run.first("bbox") == "[90,-10,30,20]");
    CHECK(run.note("clipped") == 0);
}

TEST_CASE("a box that only touches the image is outside it") {
    const CocoRun run = convert_tools(tool("bounding-box", R"({"x":100,"y":10,"width":30,"height":20})"));
    CHECK(run.annotation_count() == 0);
    CHECK(run.dropped("bounding-box", "outside_image") == 1);
    CHECK(run.outcome.logged(ANGO_LOG_WARNING, "outside_image"));
}

TEST_CASE("a box without width is degenerate") {
    const CocoRun run = convert_tools(tool("bounding-box", R"({"x":10,"y":10,"width":0,"height":20})"));
    CHECK(run.dropped("bounding-box", "degenerate") == 1);
}

TEST_CASE("coordinates that are missing, text or too large are invalid geometry") {
    const CocoRun run =
        convert_tools(tool("bounding-box", R"({"x":10,"y":10,"width":5})") + "," +
                      tool("bounding-box", R"({"x":"10","y":10,"width":5,"height":5})") + "," +
                      tool("bounding-box", R"({"x":99e308,"y":10,"width":5,"height":5})") + "," +
                      tool("polygon", R"([[1,2],[3,4],[null,6]])") + "," + tool("polygon", R"("text")"));
    CHECK(run.dropped("bounding-box", "invalid_geometry") == 3);
    CHECK(run.dropped("polygon", "invalid_geometry") == 2);
    CHECK(run.balanced());
}

TEST_CASE("NaN, Infinity and numbers beyond a double cost the tool in which they stand, and no other") {
    const std::string good = tool("bounding-box", R"({"x":1,"y":1,"width":5,"height":5})");
    for (const std::string number : {"NaN", "Infinity", "-Infinity", "1e400", "-1e999"}) {
        CAPTURE(number);
        const CocoRun run = convert(
            {record_with(
                 good + "," + tool("bounding-box", R"({"x":)" + number + R"(,"y":1,"width":5,"height":5})") + "," +
                 tool("polygon", "[[1,1],[9," + number + "],[9,9]]") + "," +
                 tool("segmentation",
                      R"({"zones":[{"region":[[0,0],[9,0],[9,9]],"holes":[[[1,1],[2,1],[)" + number + ",2]]]}]}") +
                 "," +
                 tool("rotated-bounding-box", R"({"x":5,"y":5,"width":)" + number + R"(,"height":5,"rotation":0})")),
             record_with(good)});
        CHECK(run.annotation_count() == 2);
        CHECK(run.count("assets/converted") == 2);
        for (const char *type : {"bounding-box", "polygon", "segmentation", "rotated-bounding-box"})
            CHECK(run.dropped(type, "invalid_geometry") == 1);
        CHECK(run.balanced());
    }
}

TEST_CASE("such numbers outside of a shape cost nothing but their member") {
    fake_host::Run what;
    what.array = true;
    what.records = {
        R"({"externalId":"a.jpg","metadata":{"width":NaN,"height":80,"other":1e400},"contextData":{"gain":-Infinity},"task":{)"
        R"("taskId":"t","totalDuration":NaN,"tools":[)" +
        tool(
            "bounding-box", R"({"x":1,"y":2,"width":3,"height":4})",
            R"("metadata":{"createdAt":NaN},"classifications":[{"title":"Gain","answer":Infinity},{"title":"Kind","answer":"a"}])") +
        "]}}"};
    const CocoRun run(what);
    CHECK(run.first("bbox") == "[1,2,3,4]");
    CHECK(run.first("attributes") == R"({"Kind":"a"})");
    CHECK(run.coco.at("images/0/width") == nullptr);
    CHECK(run.note("attribute_unreadable") == 1);
}

TEST_CASE("min_area drops what is smaller") {
    const CocoRun run = convert_tools(tool("bounding-box", R"({"x":1,"y":1,"width":3,"height":3})") + "," +
                                          tool("bounding-box", R"({"x":1,"y":1,"width":2,"height":3})"),
                                      R"({"min_area":9})");
    CHECK(run.annotation_count() == 1);
    CHECK(run.first("area") == "9");
    CHECK(run.dropped("bounding-box", "degenerate") == 1);
    CHECK(run.note("below_min_area") == 1);
}

TEST_CASE("a rotated box becomes its corners, their extents and the area of its sides") {
    // 20 x 10, turned 90 degrees clockwise about its first corner: along x it goes left by h, along y down by w.
    const CocoRun run =
        convert_tools(tool("rotated-bounding-box", R"({"x":50,"y":30,"width":20,"height":10,"rotation":90})"));
    CHECK(run.first("segmentation") == "[[50,30,40,30,40,50,50,50]]");
    CHECK(run.first("bbox") == "[40,30,10,20]");
    CHECK(run.first("area") == "200");
    CHECK(run.note("boxed") == 1);
}

TEST_CASE("the corners of a rotated box win over its formula, with a note if they disagree") {
    const CocoRun run = convert_tools(
        tool("rotated-bounding-box",
             R"({"x":50,"y":30,"width":20,"height":10,"rotation":0,"corners":[[10,10],[10,20],[40,20],[40,10]]})"));
    CHECK(run.first("segmentation") == "[[10,10,10,20,40,20,40,10]]");
    CHECK(run.first("area") == "300");
    CHECK(run.note("rbb_mismatch") == 1);
}

TEST_CASE("corners within a pixel of the formula are no mismatch") {
    const CocoRun run = convert_tools(tool(
        "rotated-bounding-box",
        R"({"x":10,"y":10,"width":30,"height":10,"rotation":0,"corners":[[10.4,10],[10.4,20],[40.4,20],[40.4,10]]})"));
    CHECK(run.first("segmentation") == "[[10.4,10,10.4,20,40.4,20,40.4,10]]");
    CHECK(run.note("rbb_mismatch") == 0);
    CHECK(run.first("area") == "300");
}

TEST_CASE("strict_tools drops rotated boxes, whose bbox is only an enclosing one") {
    const CocoRun run =
        convert_tools(tool("rotated-bounding-box", R"({"x":50,"y":30,"width":20,"height":10,"rotation":90})"),
                      R"({"strict_tools":true})");
    CHECK(run.dropped("rotated-bounding-box", "unsupported_tool") == 1);
}

TEST_CASE("a polygon is flattened, without its repeated last point") {
    const CocoRun run = convert_tools(tool("polygon", R"([[10,10],[20,10],[20,10],[20,30],[10,10]])"));
    CHECK(run.first("segmentation") == "[[10,10,20,10,20,30]]");
    CHECK(run.first("area") == "100");
    CHECK(run.first("bbox") == "[10,10,10,20]");
}

TEST_CASE("a polygon over the border is cut at it, and box and area are those of the part inside") {
    const CocoRun run = convert_tools(tool("polygon", R"([[90,10],[110,10],[110,30],[90,30]])"));
    CHECK(run.first("segmentation") == "[[90,10,100,10,100,30,90,30]]");
    CHECK(run.first("area") == "200");
    CHECK(run.first("bbox") == "[90,10,10,20]");
    CHECK(run.note("clipped") == 1);
}

TEST_CASE("two points and points on one line are degenerate polygons") {
    const CocoRun run =
        convert_tools(tool("polygon", R"([[1,1],[2,2]])") + "," + tool("polygon", R"([[1,1],[2,2],[3,3]])"));
    CHECK(run.dropped("polygon", "degenerate") == 2);
}

TEST_CASE("clip=false writes a polygon as drawn, and measures all of it") {
    const CocoRun run = convert_tools(tool("polygon", R"([[90,10],[110,10],[110,30],[90,30]])"), R"({"clip":false})");
    CHECK(run.first("segmentation") == "[[90,10,110,10,110,30,90,30]]");
    CHECK(run.first("area") == "400");
    CHECK(run.first("bbox") == "[90,10,20,20]");
}

TEST_CASE("coordinates are rounded before they are measured") {
    const CocoRun run = convert_tools(tool("bounding-box", R"({"x":10.004,"y":10.006,"width":0.009,"height":20.001})") +
                                      "," + tool("polygon", R"([[10.0049,10],[20.0051,10],[20.0051,30.003]])"));
    CHECK(run.first("bbox") == "[10,10.01,0.01,20]");
    CHECK(run.first("area") == "0.2");
    CHECK(run.coco.text("annotations/1/segmentation") == "[[10,10,20.01,10,20.01,30]]");
    CHECK(run.coco.text("annotations/1/area") == "100.1");
    CHECK(run.coco.text("annotations/1/bbox") == "[10,10,10.01,20]");
}

TEST_CASE("a shape that is gone after rounding is degenerate, also at the border") {
    const CocoRun run = convert_tools(
        tool("bounding-box", R"({"x":10,"y":10,"width":0.004,"height":20})") + "," +
        tool("bounding-box", R"({"x":50.001,"y":50.001,"width":0.003,"height":-0.002})") + "," +
        tool("bounding-box", R"({"x":99.998,"y":20,"width":30,"height":20})") + "," +
        tool("polygon", "[[10,10],[10.004,10],[10.004,60],[10,60]]") + "," +
        tool("polygon", "[[99.998,10],[120,10],[120,60],[99.998,60]]") + "," +
        tool("rotated-bounding-box", R"({"x":50,"y":30,"width":20,"height":0.001,"rotation":90})") + "," +
        tool("segmentation", R"({"zones":[{"region":[[5,5],[5.001,5],[5.001,9]],"holes":[[[1,1],[2,2],[3,1]]]}]})"));
    CHECK(run.annotation_count() == 0);
    CHECK(run.dropped("bounding-box", "degenerate") == 3);
    CHECK(run.dropped("polygon", "degenerate") == 2);
    CHECK(run.dropped("rotated-bounding-box", "degenerate") == 1);
    CHECK(run.dropped("segmentation", "degenerate") == 1);
    CHECK(run.balanced());
}

TEST_CASE("an area that two decimals would write as 0 has more of them") {
    const CocoRun run = convert_tools(tool("bounding-box", R"({"x":10,"y":10,"width":0.02,"height":0.03})") + "," +
                                      tool("polygon", "[[10,10],[10.01,10],[10,10.01]]"));
    CHECK(run.first("bbox") == "[10,10,0.02,0.03]");
    const std::string &file = run.outcome.entries.at("annotations.json");
    CHECK(file.find("\"area\":0.0006,") != std::string::npos);
    CHECK(file.find("\"area\":0.00005,") != std::string::npos);
}

TEST_CASE("both halves of a polygon that crosses itself count") {
    const CocoRun run = convert_tools(tool("polygon", "[[10,10],[50,50],[50,10],[10,50]]") + "," +
                                      tool("polygon", "[[10,60],[50,75],[50,60],[10,70]]"));
    CHECK(run.first("segmentation") == "[[10,10,50,50,50,10,10,50]]");
    CHECK(run.first("area") == "800");
    CHECK(run.first("bbox") == "[10,10,40,40]");
    CHECK(run.coco.text("annotations/1/area") == "260");
    CHECK(run.dropped("polygon", "degenerate") == 0);
}

TEST_CASE("zones that overlap are measured as their union") {
    const CocoRun run = convert_tools(tool("segmentation", R"({"zones":[
        {"region":[[0,0],[10,0],[10,10],[0,10]]},{"region":[[5,5],[15,5],[15,15],[5,15]]}]})"));
    CHECK(run.first("segmentation") == "[[0,0,10,0,10,10,0,10],[5,5,15,5,15,15,5,15]]");
    CHECK(run.first("area") == "175");
}

TEST_CASE("a segmentation of two zones is one annotation with two polygons") {
    const CocoRun run = convert_tools(tool("segmentation", R"({"zones":[
        {"region":[[0,0],[10,0],[10,10],[0,10]],"holes":[]},{"region":[[20,0],[24,0],[24,5],[20,5]]}]})"));
    CHECK(run.annotation_count() == 1);
    CHECK(run.first("segmentation") == "[[0,0,10,0,10,10,0,10],[20,0,24,0,24,5,20,5]]");
    CHECK(run.first("area") == "120");
    CHECK(run.first("bbox") == "[0,0,24,10]");
}

TEST_CASE("a degenerate zone costs only itself") {
    const CocoRun run = convert_tools(tool("segmentation", R"({"zones":[
        {"region":[[0,0],[10,0]]},{"region":[[20,0],[24,0],[24,5],[20,5]]}]})"));
    CHECK(run.first("segmentation") == "[[20,0,24,0,24,5,20,5]]");
    CHECK(run.note("zone_degenerate") == 1);
}

TEST_CASE("a zone outside the image is left away when another lies inside") {
    const CocoRun run = convert_tools(tool("segmentation", R"({"zones":[
        {"region":[[200,0],[210,0],[210,9]]},{"region":[[20,0],[24,0],[24,5],[20,5]]}]})"));
    CHECK(run.first("segmentation") == "[[20,0,24,0,24,5,20,5]]");
    CHECK(run.note("zone_outside") == 1);
}

TEST_CASE("segmentations exported without points are counted as such in all their forms") {
    const CocoRun run = convert_tools(tool("segmentation", "null") + "," + tool("segmentation", "{}") + "," +
                                      tool("segmentation", R"({"zones":[]})") + R"(,{"objectId":"o2","title":"Tree"})");
    CHECK(run.dropped("segmentation", "segmentation_without_points") == 4);
    CHECK(run.outcome.logged(ANGO_LOG_WARNING, "Segmentation Points"));
}

TEST_CASE("tools COCO has no place for are dropped by name") {
    const CocoRun run = convert_tools(tool("point", "[1,2]") + "," + tool("polyline", "[[1,2],[3,4]]") + "," +
                                      tool("ner", R"({"start":1,"end":2})") + "," + tool("pdf", "{}") + "," +
                                      tool("spline", "[[1,2],[3,4]]") + R"(,{"medical-brush":true,"title":"Bone"},)" +
                                      R"({"vertex":[1,2,3],"p1":[1,2,3],"p2":[1,2,3],"angle":90.0})");
    for (const char *type : {"point", "polyline", "ner", "pdf", "spline", "medical-brush", "angle"})
        CHECK_MESSAGE(run.dropped(type, "unsupported_tool") == 1, type);
    CHECK(run.coco.size("categories") == 0);
}

TEST_CASE("a shape nobody knows keeps its key name in the report") {
    const CocoRun run = convert_tools(R"({"circle":{"x":1},"objectId":"o","title":"Tree"})");
    CHECK(run.dropped("circle", "unknown_shape") == 1);
}

TEST_CASE("a spline of another layout than points is an unknown shape") {
    const CocoRun run = convert_tools(tool("spline", R"({"curve":[]})"));
    CHECK(run.dropped("spline", "unknown_shape") == 1);
}
