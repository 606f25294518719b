// export-coco: everything that an annotation says about a shape agrees, whatever was drawn.
//
// Random shapes are converted, and what was written is compared with itself and with the drawing, by brute force
// (brute_force.hpp): bbox and area with the written segmentation, its pixels with those of the drawing. Rules:
// modules/FORMATS.md 4.7, 4.8, 5.2 and 5.3.
#include "brute_force.hpp"
#include "coco_run.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <numbers>
#include <random>
#include <string>

namespace brute = brute_force;
using ango::common::Json;

namespace {

constexpr int kWidth = 40, kHeight = 30;

/// A coordinate with a few decimals, never on the centre of a pixel.
double coordinate(std::mt19937 &random, double from, double to) {
    const double value = std::uniform_real_distribution<double>(from, to)(random);
    return std::floor(value) + (1 + random() % 480) / 1000.0;
}

brute::Ring scribble(std::mt19937 &random, double from, double to) {
    brute::Ring ring;
    for (unsigned count = 3 + random() % 7; count > 0; --count)
        ring.emplace_back(coordinate(random, from, to), coordinate(random, from, to));
    return ring;
}

brute::Ring blob(std::mt19937 &random, double x, double y, double radius) {
    brute::Ring ring;
    const unsigned count = 3 + random() % 9;
    for (unsigned i = 0; i < count; ++i) {
        const double angle = 2 * std::numbers::pi * i / count, r = radius * (0.6 + random() % 40 / 100.0);
        ring.emplace_back(x + r * std::cos(angle), y + r * std::sin(angle));
    }
    return ring;
}

/// Simple and self-crossing, inside and over the border, with holes anywhere and zones over each other.
brute::Object random_object(std::mt19937 &random) {
    brute::Object object(random() % 3 == 0 ? 1 + random() % 3 : 1);
    for (brute::Zone &zone : object) {
        const double x = coordinate(random, 0, kWidth), y = coordinate(random, 0, kHeight);
        const double radius = 2 + random() % 16;
        zone.region = random() % 3 == 0 ? scribble(random, -10, 45) : blob(random, x, y, radius);
        if (random() % 2) continue;
        for (unsigned holes = 1 + random() % 3; holes > 0; --holes)
            zone.holes.push_back(random() % 3 == 0 ? scribble(random, -5, 40)
                                                   : blob(random, x + random() % 5 - 2, y, radius * 0.4));
    }
    return object;
}

std::string text(const brute::Ring &ring) {
    std::string out = "[";
    for (const auto &[x, y] : ring)
        out += (out.size() > 1 ? ",[" : "[") + std::to_string(x) + "," + std::to_string(y) + "]";
    return out + "]";
}

std::string text(const brute::Object &object) {
    std::string out;
    for (const brute::Zone &zone : object) {
        std::string holes;
        for (const brute::Ring &hole : zone.holes) holes += (holes.empty() ? "" : ",") + text(hole);
        out += (out.empty() ? "" : ",") + (R"({"region":)" + text(zone.region) + R"(,"holes":[)" + holes + "]}");
    }
    return R"({"zones":[)" + out + "]}";
}

brute::Object polygons_of(const Json &segmentation) {
    brute::Object object;
    for (const Json &flat : segmentation.GetArray()) {
        object.emplace_back();
        for (unsigned i = 0; i + 1 < flat.Size(); i += 2)
            object.back().region.emplace_back(flat[i].GetDouble(), flat[i + 1].GetDouble());
    }
    return object;
}

struct Extents {
    double x0 = INFINITY, y0 = INFINITY, x1 = -INFINITY, y1 = -INFINITY;
    void add(double x, double y) {
        x0 = std::min(x0, x);
        y0 = std::min(y0, y);
        x1 = std::max(x1, x);
        y1 = std::max(y1, y);
    }
};

/// By column: whether the pixel is in the mask.
std::vector<bool> pixels_of(const Json &counts) {
    std::vector<bool> pixels;
    for (unsigned i = 0; i < counts.Size(); ++i)
        pixels.insert(pixels.end(), static_cast<std::size_t>(counts[i].GetDouble()), i % 2 == 1);
    return pixels;
}

void require_box(const Json &annotation, const Extents &expected) {
    const Json &box = *ango::common::find(&annotation, "bbox");
    REQUIRE(box[2].GetDouble() > 0);
    REQUIRE(box[3].GetDouble() > 0);
    REQUIRE(box[0u].GetDouble() == doctest::Approx(expected.x0).epsilon(1e-12));
    REQUIRE(box[1].GetDouble() == doctest::Approx(expected.y0).epsilon(1e-12));
    REQUIRE(box[0u].GetDouble() + box[2].GetDouble() == doctest::Approx(expected.x1).epsilon(1e-12));
    REQUIRE(box[1].GetDouble() + box[3].GetDouble() == doctest::Approx(expected.y1).epsilon(1e-12));
}

/// Whether the pixels are those of the drawing, except for centres so close to an edge that rounding decides.
template <class Covered> void require_pixels(const brute::Object &drawn, const Covered &covered) {
    for (int x = 0; x < kWidth; ++x)
        for (int y = 0; y < kHeight; ++y)
            if (covered(x, y) != brute::covers(drawn, x + 0.5, y + 0.5))
                REQUIRE(brute::distance(drawn, x + 0.5, y + 0.5) < 0.02);
}

void check_run_lengths(const Json &annotation, const brute::Object &drawn) {
    const std::vector<bool> pixels =
        pixels_of(*ango::common::find(ango::common::find(&annotation, "segmentation"), "counts"));
    REQUIRE(pixels.size() == kWidth * kHeight);
    Extents extents;
    double area = 0;
    for (int at = 0; at < kWidth * kHeight; ++at) {
        if (!pixels[static_cast<std::size_t>(at)]) continue;
        ++area;
        extents.add(at / kHeight, at % kHeight);
        extents.add(at / kHeight + 1, at % kHeight + 1);
    }
    REQUIRE(ango::common::find(&annotation, "area")->GetDouble() == area);
    require_box(annotation, extents);
    require_pixels(drawn, [&](int x, int y) { return pixels[static_cast<std::size_t>(x * kHeight + y)]; });
}

void check_polygons(const Json &annotation, const brute::Object &drawn) {
    const brute::Object written = polygons_of(*ango::common::find(&annotation, "segmentation"));
    for (const brute::Zone &zone : written) REQUIRE(zone.region.size() >= 3);
    const brute::Covered covered = brute::covered(written);
    // Corners are whole hundredths, but crossings are not: the box goes around them.
    const auto before = [](double at) { return std::floor(at * 100 + 1e-4) / 100; };
    const auto behind = [](double at) { return std::ceil(at * 100 - 1e-4) / 100; };
    Extents extents;
    extents.add(before(covered.x0), before(covered.y0));
    extents.add(behind(covered.x1), behind(covered.y1));
    require_box(annotation, extents);
    REQUIRE(extents.x0 >= 0);
    REQUIRE(extents.y0 >= 0);
    REQUIRE(extents.x1 <= kWidth);
    REQUIRE(extents.y1 <= kHeight);
    const double area = covered.area;
    REQUIRE(std::abs(ango::common::find(&annotation, "area")->GetDouble() - area) <= (area < 0.005 ? 1e-8 : 0.00501));
    require_pixels(drawn, [&](int x, int y) { return brute::covers(written, x + 0.5, y + 0.5); });
}

struct Checked {
    int run_lengths = 0, polygons = 0, dropped = 0;
};

/// Converts random objects, each on an image of its own, and checks every annotation. holes: the option.
Checked check_objects(unsigned seed, const std::string &holes) {
    std::mt19937 random(seed);
    std::vector<brute::Object> objects;
    fake_host::Run what;
    std::string sizes; // in the table, because a size in metadata may be doubtful (FORMATS.md 4.4)
    for (int i = 0; i < 400; ++i) {
        objects.push_back(random_object(random));
        what.records.push_back(R"({"externalId":")" + std::to_string(i) + R"(","task":{"taskId":"t","tools":[)" +
                               tool("segmentation", text(objects.back())) + "]}}");
        sizes += (i ? ",\"" : "\"") + std::to_string(i) + "\":[40,30]";
        if (holes == "drop")
            for (brute::Zone &zone : objects.back()) zone.holes.clear();
    }
    what.config = R"({"holes":")" + holes + R"(","image_sizes":{)" + sizes + "}}";
    const CocoRun run(what);
    REQUIRE(run.balanced());
    Checked checked;
    std::vector<bool> emitted(objects.size());
    for (const Json &annotation : run.coco.at("annotations")->GetArray()) {
        const auto image = static_cast<std::size_t>(ango::common::find(&annotation, "image_id")->GetDouble()) - 1;
        CAPTURE(image);
        emitted[image] = true;
        const bool rle = ango::common::find(&annotation, "segmentation")->IsObject();
        ++(rle ? checked.run_lengths : checked.polygons);
        (rle ? check_run_lengths : check_polygons)(annotation, objects[image]);
    }
    for (std::size_t image = 0; image < objects.size(); ++image) {
        if (emitted[image]) continue;
        ++checked.dropped;
        CAPTURE(image);
        require_pixels(objects[image], [](int, int) { return false; });
    }
    return checked;
}

} // namespace

TEST_CASE("area, box and pixels of an annotation agree for shapes of every kind") {
    const Checked rle = check_objects(101, "rle");
    CHECK(rle.run_lengths > 100);
    CHECK(rle.polygons > 150);
    CHECK(rle.dropped > 0);
}

TEST_CASE("so they do where holes are cut out of rings") {
    const Checked bridged = check_objects(202, "bridge");
    CHECK(bridged.polygons > 300);
}

TEST_CASE("so they do where holes are left out") {
    const Checked without = check_objects(303, "drop");
    CHECK(without.polygons > 300);
}

TEST_CASE("no box has a side of 0, however small or close to the border the shape is") {
    std::mt19937 random(404);
    std::string tools;
    const auto near = [&random](double at) { return std::to_string(at + (random() % 41 - 20.0) / 1000); };
    for (int i = 0; i < 1500; ++i) {
        const double x = i % 3 == 0 ? 100 : random() % 100, y = i % 5 == 0 ? 0 : random() % 80;
        const std::string at = near(x) + R"(,"y":)" + near(y), side = near(0), other = near(i % 7 == 0 ? 5 : 0);
        tools += (i ? "," : "") +
                 tool("bounding-box", R"({"x":)" + at + R"(,"width":)" + side + R"(,"height":)" + other + "}");
        tools += "," + tool("rotated-bounding-box", R"({"x":)" + at + R"(,"width":)" + side + R"(,"height":)" + other +
                                                        R"(,"rotation":)" + std::to_string(random() % 360) + "}");
        tools += "," + tool("polygon", "[[" + near(x) + "," + near(y) + "],[" + near(x) + "," + near(y) + "],[" +
                                           near(x) + "," + near(y + i % 4) + "]]");
    }
    const CocoRun run = convert_tools(tools);
    CHECK(run.balanced());
    CHECK(run.annotation_count() > 500);
    CHECK(run.dropped("bounding-box", "degenerate") > 100);
    CHECK(run.dropped("bounding-box", "outside_image") > 10);
    for (const Json &annotation : run.coco.at("annotations")->GetArray()) {
        const Json &box = *ango::common::find(&annotation, "bbox");
        REQUIRE(box[2].GetDouble() > 0);
        REQUIRE(box[3].GetDouble() > 0);
        REQUIRE(ango::common::find(&annotation, "area")->GetDouble() > 0);
        REQUIRE(ango::common::find(&annotation, "area")->GetDouble() <=
                box[2].GetDouble() * box[3].GetDouble() + 0.00501);
    }
}
