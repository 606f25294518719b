// export-coco: sizes in metadata that may be those of the stored pixels of a photo that is shown turned
// (modules/FORMATS.md 4.4).
#include "coco_run.hpp"

#include <doctest/doctest.h>

namespace {

/// A record of a 40 x 30 image.
std::string photo(const std::string &tools, const std::string &more = "") {
    return R"({"externalId":"phone.jpg","metadata":{"width":40,"height":30},)" + more +
           R"("task":{"taskId":"t","tools":[)" + tools + "]}}";
}

std::string box(int x, int y, int width, int height) {
    return tool("bounding-box", R"({"x":)" + std::to_string(x) + R"(,"y":)" + std::to_string(y) + R"(,"width":)" +
                                    std::to_string(width) + R"(,"height":)" + std::to_string(height) + "}");
}

} // namespace

TEST_CASE("a size that the tools fit on only with its sides swapped is not used, and nothing is cut at it") {
    const CocoRun run = convert({photo(box(2, 24, 20, 14) + "," + box(4, 2, 10, 6))});
    CHECK(run.first("bbox") == "[2,24,20,14]");
    CHECK(run.coco.text("annotations/1/bbox") == "[4,2,10,6]");
    CHECK(run.coco.at("images/0/width") == nullptr); // nothing is guessed from the tools either
    CHECK(run.note("size_doubtful") == 1);
    CHECK(run.note("image_without_size") == 1);
    CHECK(run.note("clipped") == 0);
    CHECK(run.outcome.logged(
        ANGO_LOG_WARNING,
        R"(The size of "phone.jpg" in the export, 40 x 30, is not used: its tools fit only with the sides swapped, as on a photo that is turned for display. Option "image_sizes" or "image_dir" can give the size of the shown picture.)"));
}

TEST_CASE("the table of sizes decides where the size in metadata is doubtful") {
    const CocoRun run = convert({photo(box(2, 24, 20, 14))}, R"({"image_sizes":{"phone.jpg":[30,40]}})");
    CHECK(run.coco.text("images/0/width") == "30");
    CHECK(run.coco.text("images/0/height") == "40");
    CHECK(run.first("bbox") == "[2,24,20,14]");
}

TEST_CASE("shapes of every kind that lie below the image show it") {
    for (const std::string &shape :
         {tool("polygon", "[[5,32],[9,32],[9,38]]"),
          tool("segmentation", R"({"zones":[{"region":[[5,32],[9,32],[9,38]]}]})"),
          tool("rotated-bounding-box",
               R"({"x":5,"y":32,"width":5,"height":5,"rotation":0,"corners":[[5,32],[5,37],[10,37],[10,32]]})"),
          tool("point", "[5,35]")})
        CHECK(convert({photo(shape)}).note("size_doubtful") == 1);
}

TEST_CASE("a shape that sticks out of the image says nothing about its size") {
    for (const std::string &shape :
         {box(2, 20, 10, 15), box(10, 25, -5, 9), tool("polygon", "[[5,32],[9,32],[9,28]]")}) {
        const CocoRun run = convert({photo(shape)});
        CHECK(run.note("size_doubtful") == 0);
        CHECK(run.note("clipped") == 1);
        CHECK(run.coco.text("images/0/width") == "40");
    }
}

TEST_CASE("one tool that does not fit on the swapped size either leaves the size as it is") {
    const CocoRun run = convert({photo(box(2, 32, 10, 6) + "," + box(32, 2, 6, 6))});
    CHECK(run.note("size_doubtful") == 0);
    CHECK(run.coco.text("images/0/width") == "40");
    CHECK(run.dropped("bounding-box", "outside_image") == 1);
}

TEST_CASE("with clip=false the size is taken as it stands") {
    const CocoRun run = convert({photo(box(2, 24, 20, 14))}, R"({"clip":false})");
    CHECK(run.coco.text("images/0/width") == "40");
    CHECK(run.first("bbox") == "[2,24,20,14]");
}
