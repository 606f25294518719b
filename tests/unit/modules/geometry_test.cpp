#include "common/geometry.hpp"

#include <doctest/doctest.h>

using namespace ango::common;

namespace {

const std::vector<Point> kSquare = {{0, 0}, {10, 0}, {10, 10}, {0, 10}};

} // namespace

TEST_CASE("cleaning removes equal neighbours and every repeated last point") {
    Rings rings;
    rings.add_ring(false, std::vector<Point>{{1, 1}, {1, 1}, {5, 1}, {5, 5}, {5, 5}, {1, 1}, {1, 1}});
    rings.clean_last();
    CHECK(rings[0].size() == 3);
}

TEST_CASE("the shoelace area has a sign by winding and survives large offsets") {
    CHECK(shoelace(kSquare) == 100);
    const std::vector<Point> reversed(kSquare.rbegin(), kSquare.rend());
    CHECK(shoelace(reversed) == -100);
    const std::vector<Point> far = {{1e9, 1e9}, {1e9 + 1, 1e9}, {1e9 + 1, 1e9 + 1}, {1e9, 1e9 + 1}};
    CHECK(shoelace(far) == 1);
}

TEST_CASE("clipping a triangle at a corner leaves what lies inside") {
    std::vector<Point> out;
    const std::vector<Point> triangle = {{-10, -10}, {10, -10}, {-10, 10}};
    clip_ring(triangle, {0, 0, 10, 10}, out); // touches only (0,0)
    CHECK(shoelace(out) == 0);
    clip_ring(std::vector<Point>{{20, 20}, {30, 20}, {30, 30}}, {0, 0, 10, 10}, out);
    CHECK(out.empty());
    const std::vector<Point> larger = {{-10, -10}, {30, -10}, {-10, 30}};
    clip_ring(larger, {0, 0, 15, 15}, out);
    CHECK(shoelace(out) == doctest::Approx(15 * 15 - 0.5 * 10 * 10));
    CHECK(extents(out) == Box{0, 0, 15, 15});
}
