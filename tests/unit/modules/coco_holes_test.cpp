// export-coco: holes as run lengths, as cuts, or left out.
//
// Most cases convert one segmentation on an image of 6 x 5 pixels in memory, so that run lengths can be written down by
// hand. Rules: modules/FORMATS.md 4.7, 4.8 and 5.3.
#include "coco_run.hpp"

#include "common/geometry.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <random>

namespace {

const std::string kDonut = R"({"zones":[{"region":[[1,1],[5,1],[5,5],[1,5]],"holes":[[[2,2],[4,2],[4,4],[2,4]]]}]})";

/// The tool on an image of 6 x 5 pixels, so that its run lengths can be written down by hand.
std::string small(const std::string &value, const std::string &metadata = R"({"width":6,"height":5})") {
    return R"({"externalId":"a.jpg","metadata":)" + metadata + R"(,"task":{"taskId":"t","tools":[)" +
           tool("segmentation", value) + "]}}";
}

} // namespace

TEST_CASE("a hole is written as run lengths, column by column, zeros first") {
    const CocoRun run = convert({small(kDonut)});
    // Columns of 5: 0 empty; 1 and 4 rows 1-4; 2 and 3 rows 1 and 4; 5 empty.
    CHECK(run.first("segmentation") == R"({"size":[5,6],"counts":[6,4,1,1,2,1,1,1,2,1,1,4,5]})");
    CHECK(run.first("iscrowd") == "0");
    CHECK(run.first("area") == "12");
    CHECK(run.first("bbox") == "[1,1,4,4]");
}

TEST_CASE("run lengths join over the foot of a column") {
    const CocoRun run =
        convert({small(R"({"zones":[{"region":[[0,0],[6,0],[6,5],[0,5]],"holes":[[[2,2],[3,2],[3,3],[2,3]]]}]})")});
    CHECK(run.first("segmentation") == R"({"size":[5,6],"counts":[0,12,1,17]})");
}

TEST_CASE("holes=bridge cuts the ring open to the hole") {
    const CocoRun run = convert({small(kDonut)}, R"({"holes":"bridge"})");
    CHECK(run.first("segmentation") == "[[1,1,2,2,2,4,4,4,4,2,2,2,1,1,5,1,5,5,1,5]]");
    CHECK(run.first("area") == "12");
    CHECK(run.note("hole_bridged") == 1);
}

TEST_CASE("holes=drop writes the region alone and notes the hole") {
    const CocoRun run = convert({small(kDonut)}, R"({"holes":"drop"})");
    CHECK(run.first("segmentation") == "[[1,1,5,1,5,5,1,5]]");
    CHECK(run.first("area") == "16");
    CHECK(run.note("hole_dropped") == 1);
}

TEST_CASE("without image size a hole is bridged, as run lengths need the size") {
    const CocoRun run = convert({small(kDonut, "{}")});
    CHECK(run.first("segmentation") == "[[1,1,2,2,2,4,4,4,4,2,2,2,1,1,5,1,5,5,1,5]]");
    CHECK(run.note("hole_bridged") == 1);
    CHECK(run.note("image_without_size") == 1);
}

TEST_CASE("an image above max_pixels gets a bridge instead of run lengths") {
    const CocoRun run = convert({small(kDonut)}, R"({"max_pixels":29})");
    CHECK(run.first("segmentation/0/0") == "1");
    CHECK(run.note("rle_too_large") == 1);
}

TEST_CASE("an absurd image size from the input costs neither memory nor time") {
    const CocoRun run = convert({small(kDonut, R"({"width":999999999999,"height":999999999999})")});
    CHECK(run.note("rle_too_large") == 1);
    CHECK(run.annotation_count() == 1);
}

TEST_CASE("a shape wider than any drawing gets a bridge instead of millions of runs") {
    const CocoRun run = convert(
        {small(R"({"zones":[{"region":[[0,0],[90000000,0],[90000000,2],[0,2]],"holes":[[[1,1],[9,1],[9,2]]]}]})",
               R"({"width":90000000,"height":2})")});
    CHECK(run.note("rle_too_large") == 1);
}

TEST_CASE("a shape that holds no pixel centre is not written as an empty mask") {
    const CocoRun run = convert({small(
        R"({"zones":[{"region":[[1,1],[1.4,1],[1.4,1.4],[1,1.4]],"holes":[[[1.1,1.1],[1.2,1.1],[1.2,1.2]]]}]})")});
    CHECK(run.note("rle_empty") == 1);
    CHECK(run.coco.at("annotations/0/segmentation")->IsArray());
}

TEST_CASE("holes given as one flat ring are read as one hole") {
    const CocoRun run =
        convert({small(R"({"zones":[{"region":[[1,1],[5,1],[5,5],[1,5]],"holes":[[2,2],[4,2],[4,4],[2,4]]}]})")});
    CHECK(run.first("segmentation/counts") == "[6,4,1,1,2,1,1,1,2,1,1,4,5]");
}

TEST_CASE("a degenerate hole is ignored with a note") {
    const CocoRun run = convert({small(R"({"zones":[{"region":[[1,1],[5,1],[5,5],[1,5]],"holes":[[[2,2],[4,2]]]}]})")});
    CHECK(run.first("segmentation") == "[[1,1,5,1,5,5,1,5]]");
    CHECK(run.note("hole_degenerate") == 1);
}

TEST_CASE("box and area of run lengths are those of their pixels") {
    const CocoRun run = convert({small(
        R"({"zones":[{"region":[[0.6,0.6],[4.4,0.6],[4.4,4.4],[0.6,4.4]],"holes":[[[2.2,2.2],[2.8,2.2],[2.8,2.8],[2.2,2.8]]]}]})")});
    CHECK(run.first("segmentation") == R"({"size":[5,6],"counts":[6,3,2,1,1,1,2,3,11]})");
    CHECK(run.first("area") == "8");
    CHECK(run.first("bbox") == "[1,1,3,3]");
}

TEST_CASE("a hole that sticks out of its region is cut out as far as it lies in it") {
    const std::string shape = R"({"zones":[{"region":[[1,1],[5,1],[5,4],[1,4]],"holes":[[[3,2],[9,2],[9,3],[3,3]]]}]})";
    const CocoRun run = convert({small(shape)}, R"({"holes":"bridge"})");
    CHECK(run.first("segmentation") == "[[1,1,1,2,5,2,5,1],[1,2,1,3,3,3,3,2],[1,3,1,4,5,4,5,3]]");
    CHECK(run.first("area") == "10");
    CHECK(run.first("bbox") == "[1,1,4,3]");
    CHECK(run.note("hole_bridged") == 1);
    const CocoRun rle = convert({small(shape)});
    CHECK(rle.first("area") == "10");
    CHECK(rle.first("bbox") == "[1,1,4,3]");
}

TEST_CASE("holes that overlap each other are cut out once") {
    const CocoRun run = convert({small(
        R"({"zones":[{"region":[[0,0],[6,0],[6,5],[0,5]],"holes":[[[1,1],[3,1],[3,3],[1,3]],[[2,2],[4,2],[4,4],[2,4]]]}]})",
        "{}")});
    CHECK(run.first("area") == "23");
    CHECK(run.first("bbox") == "[0,0,6,5]");
}

TEST_CASE("a zone that its holes cover leaves nothing") {
    const CocoRun run =
        convert({small(R"({"zones":[{"region":[[1,1],[5,1],[5,4],[1,4]],"holes":[[[0,0],[6,0],[6,5],[0,5]]]}]})")});
    CHECK(run.dropped("segmentation", "degenerate") == 1);
    CHECK(run.note("zone_degenerate") == 1);
}

TEST_CASE("a hole with x and y swapped is reported and not repaired") {
    const std::string swapped =
        R"({"zones":[{"region":[[10,40],[30,40],[30,70],[10,70]],"holes":[[[50,15],[60,15],[60,20]]]}]})";
    const CocoRun run = convert_tools(tool("segmentation", swapped), R"({"holes":"bridge"})");
    CHECK(run.note("hole_swapped") == 1);
    CHECK(run.first("area") == "600"); // the hole is taken as it stands, outside of the region
}

TEST_CASE("a hole inside its region near the diagonal is not called swapped") {
    const CocoRun run = convert({small(kDonut)});
    CHECK(run.note("hole_swapped") == 0);
}

TEST_CASE("a zone with an unreadable hole makes the tool invalid") {
    const CocoRun run = convert({small(R"({"zones":[{"region":[[1,1],[5,1],[5,5]],"holes":[[["x",1]]]}]})")});
    CHECK(run.dropped("segmentation", "invalid_geometry") == 1);
}

TEST_CASE("decoded run lengths are the pixels whose centres lie in a region and in none of its holes") {
    using ango::common::Point;
    std::mt19937 random(11);
    const auto triangle = [&random](double x, double y, double side) {
        // In hundredths, because coordinates are rounded to them, and on no centre of a pixel.
        const auto near = [&random, side](double at) {
            return std::floor(at + side * (random() % 1000) / 1000.0) + (1 + random() % 49) / 100.0;
        };
        return std::vector<Point>{{near(x), near(y)}, {near(x), near(y)}, {near(x), near(y)}};
    };
    const auto text = [](const std::vector<Point> &ring) {
        std::string out;
        for (const Point &p : ring)
            out += (out.empty() ? "[[" : ",[") + std::to_string(p.x) + "," + std::to_string(p.y) + "]";
        return out + "]";
    };
    int compared = 0;
    for (int round = 0; round < 300; ++round) {
        const std::vector<Point> region = triangle(-10, -10, 130), hole = triangle(20, 20, 60);
        const CocoRun run = convert_tools(
            tool("segmentation", R"({"zones":[{"region":)" + text(region) + R"(,"holes":[)" + text(hole) + "]}]}"),
            R"({"clip":false})"); // corners at the border would be rounded
        const ango::common::Json *counts = run.coco.at("annotations/0/segmentation/counts");
        if (!counts) continue; // outside, or nothing but slivers
        ++compared;
        std::vector<bool> decoded;
        for (unsigned i = 0; i < counts->Size(); ++i)
            decoded.insert(decoded.end(), static_cast<std::size_t>((*counts)[i].GetDouble()), i % 2 == 1);
        REQUIRE(decoded.size() == 100 * 80);
        for (std::size_t at = 0; at < decoded.size(); ++at) {
            const Point centre{static_cast<double>(at / 80) + 0.5, static_cast<double>(at % 80) + 0.5};
            REQUIRE(decoded[at] == (ango::common::contains(region, centre) && !ango::common::contains(hole, centre)));
        }
    }
    CHECK(compared > 200);
}
