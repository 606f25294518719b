#include "common/geometry.hpp"

#include <doctest/doctest.h>

using namespace ango::common;

namespace {

Rings rings_of(const std::vector<std::vector<Point>> &list) {
    Rings rings;
    for (std::size_t i = 0; i < list.size(); ++i) {
        rings.start(i > 0);
        for (const Point &point : list[i]) rings.add(point);
        rings.clean_last();
    }
    return rings;
}

const std::vector<Point> kSquare = {{0, 0}, {10, 0}, {10, 10}, {0, 10}};

} // namespace

TEST_CASE("cleaning removes equal neighbours and every repeated last point") {
    const Rings rings = rings_of({{{1, 1}, {1, 1}, {5, 1}, {5, 5}, {5, 5}, {1, 1}, {1, 1}}});
    CHECK(rings[0].size() == 3);
}

TEST_CASE("the shoelace area has a sign by winding and survives large offsets") {
    CHECK(shoelace(kSquare) == 100);
    const std::vector<Point> reversed(kSquare.rbegin(), kSquare.rend());
    CHECK(shoelace(reversed) == -100);
    const std::vector<Point> far = {{1e9, 1e9}, {1e9 + 1, 1e9}, {1e9 + 1, 1e9 + 1}, {1e9, 1e9 + 1}};
    CHECK(shoelace(far) == 1);
}

TEST_CASE("the net area takes holes from regions whatever their winding") {
    CHECK(net_area(rings_of({kSquare, {{1, 1}, {3, 1}, {3, 3}, {1, 3}}, {{5, 5}, {5, 6}, {6, 6}, {6, 5}}})) == 95);
}

TEST_CASE("clipping a triangle at a corner leaves what lies inside") {
    Rings out;
    const std::vector<Point> triangle = {{-10, -10}, {10, -10}, {-10, 10}};
    CHECK_FALSE(clip_ring(triangle, {0, 0, 10, 10}, false, out)); // touches only (0,0)
    CHECK(out.empty());
    const std::vector<Point> larger = {{-10, -10}, {30, -10}, {-10, 30}};
    REQUIRE(clip_ring(larger, {0, 0, 15, 15}, false, out));
    CHECK(net_area(out) == doctest::Approx(15 * 15 - 0.5 * 10 * 10));
    CHECK(extents(out) == Box{0, 0, 15, 15});
}

TEST_CASE("when a region is clipped away its holes go with it") {
    Rings out;
    clip_rings(rings_of({{{20, 20}, {30, 20}, {30, 30}}, {{1, 1}, {3, 1}, {3, 3}}}), {0, 0, 10, 10}, out);
    CHECK(out.empty());
}
