// Areas against brute force, and the bounds on their work.
//
// Corners lie on a grid, often a coarse one, so that edges touch, overlap and meet in corners as rounded coordinates do.
// Rules: modules/FORMATS.md 4.7 and 5.3.
#include "common/area.hpp"

#include "brute_force.hpp"
#include "common/pieces.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <numbers>
#include <random>

using namespace ango::common;
namespace brute = brute_force;

namespace {

Rings rings_of(const brute::Object &object) {
    Rings rings;
    const auto add = [&rings](const brute::Ring &ring, bool hole) {
        rings.start(hole);
        for (const auto &[x, y] : ring) rings.add({x, y});
        rings.clean_last();
    };
    for (const brute::Zone &zone : object) {
        add(zone.region, false);
        for (const brute::Ring &hole : zone.holes) add(hole, true);
    }
    return rings;
}

Coverage measured(const Rings &rings) {
    std::vector<Coverage> each;
    for (std::size_t i = 0; i < rings.size(); ++i) each.push_back(measure_ring(rings[i]));
    return measure(rings, each);
}

double ring_area(RingView ring) { return measure_ring(ring).area; }

double area_of(const Rings &rings) { return measured(rings).area; }

brute::Ring random_ring(std::mt19937 &random, int reach) {
    brute::Ring ring;
    for (unsigned count = 3 + random() % 8; count > 0; --count)
        ring.emplace_back(random() % static_cast<unsigned>(reach), random() % static_cast<unsigned>(reach));
    return ring;
}

brute::Object random_object(std::mt19937 &random, int reach) {
    brute::Object object(1 + random() % 3);
    for (brute::Zone &zone : object) {
        zone.region = random_ring(random, reach);
        for (unsigned holes = random() % 3; holes > 0; --holes) zone.holes.push_back(random_ring(random, reach));
    }
    return object;
}

Rings zigzag(std::size_t points) {
    Rings rings;
    rings.start(false);
    for (std::size_t i = 0; i < points; ++i)
        rings.add({i % 2 == 0 ? 0.0 : 1000.0, static_cast<double>(i * 7919 % points)});
    return rings;
}

} // namespace

TEST_CASE("both halves of a bow tie have an area, also when they share a corner") {
    CHECK(ring_area(std::vector<Point>{{10, 10}, {50, 50}, {50, 10}, {10, 50}}) == doctest::Approx(800));
    CHECK(ring_area(std::vector<Point>{{0, 0}, {5, 5}, {10, 0}, {10, 10}, {5, 5}, {0, 10}}) == doctest::Approx(50));
    CHECK(ring_area(std::vector<Point>{{0, 0}, {9, 0}, {9, 9}, {0, 9}, {0, 0}, {9, 0}, {9, 9}, {0, 9}}) == 0);
}

TEST_CASE("a star of five points has its middle left out, as the even-odd rule says") {
    brute::Ring star;
    for (int i = 0; i < 5; ++i) {
        const double angle = 4 * std::numbers::pi * i / 5;
        star.emplace_back(std::cos(angle) * 100, std::sin(angle) * 100);
    }
    CHECK(area_of(rings_of({{star, {}}})) == doctest::Approx(brute::area({{star, {}}})));
    CHECK(area_of(rings_of({{star, {}}})) == doctest::Approx(7756.8).epsilon(0.001));
}

TEST_CASE("areas of random objects are those that brute force finds") {
    std::mt19937 random(17);
    for (int i = 0; i < 3000; ++i) {
        const brute::Object object = random_object(random, i % 2 == 0 ? 9 : 1000);
        const double expected = brute::area(object);
        CAPTURE(i);
        REQUIRE(area_of(rings_of(object)) == doctest::Approx(expected).epsilon(1e-9).scale(1));
    }
}

TEST_CASE("zones that overlap count once, and a hole counts as far as it lies in its region") {
    const brute::Ring square = {{0, 0}, {10, 0}, {10, 10}, {0, 10}}, shifted = {{5, 5}, {15, 5}, {15, 15}, {5, 15}};
    CHECK(area_of(rings_of({{square, {}}, {shifted, {}}})) == doctest::Approx(175));
    CHECK(area_of(rings_of({{square, {shifted}}})) == doctest::Approx(75));
    CHECK(area_of(rings_of({{square, {square}}})) == 0);
    CHECK(area_of(rings_of({{square, {{{1, 1}, {6, 1}, {6, 6}}, {{1, 1}, {6, 1}, {6, 6}}}}})) == doctest::Approx(87.5));
}

TEST_CASE("the box of an object is that of the points that it covers") {
    const brute::Ring spike = {{10, 10}, {50, 10}, {50, 40}, {50, 90}, {50, 40}, {10, 40}};
    CHECK(measured(rings_of({{spike, {}}})).box == Box{10, 10, 50, 40});
    // Both parts of the ring are joined along the border, to a corner where it covers nothing.
    const brute::Ring joined = {{50, 10}, {100, 10}, {100, 100}, {10, 100}, {100, 100}, {100, 20}, {50, 20}};
    CHECK(measured(rings_of({{joined, {}}})).box == Box{50, 10, 100, 20});
    const brute::Ring square = {{0, 0}, {20, 0}, {20, 20}, {0, 20}},
                      right_half = {{10, 0}, {20, 0}, {20, 20}, {10, 20}};
    CHECK(measured(rings_of({{square, {right_half}}})).box == Box{0, 0, 10, 20});
    CHECK(measured(rings_of({{square, {square}}})).box.empty());
}

TEST_CASE("holes are apart only if none touches the region or another hole") {
    const brute::Ring square = {{0, 0}, {20, 0}, {20, 20}, {0, 20}};
    const auto apart = [&](std::vector<brute::Ring> holes) {
        const Rings rings = rings_of({{square, std::move(holes)}});
        return holes_are_apart(rings, 0, rings.size());
    };
    CHECK(apart({{{1, 1}, {4, 1}, {4, 4}}, {{9, 1}, {14, 1}, {14, 4}}}));
    CHECK_FALSE(apart({{{0, 1}, {4, 1}, {4, 4}}}));                           // touches the region
    CHECK_FALSE(apart({{{15, 1}, {25, 1}, {25, 4}}}));                        // sticks out
    CHECK_FALSE(apart({{{30, 1}, {34, 1}, {34, 4}}}));                        // lies outside
    CHECK_FALSE(apart({{{1, 1}, {9, 1}, {9, 9}}, {{5, 2}, {8, 2}, {8, 5}}})); // one in the other
    CHECK_FALSE(apart({{{1, 1}, {9, 9}, {9, 1}, {1, 9}}}));                   // crosses itself
}

TEST_CASE("the pieces of a zone are simple, do not overlap, and cover what the zone covers") {
    std::mt19937 random(23);
    int compared = 0;
    for (int i = 0; i < 1000; ++i) {
        brute::Object object(1);
        object[0].region = random_ring(random, 2000);
        for (unsigned holes = 1 + random() % 3; holes > 0; --holes)
            object[0].holes.push_back(random_ring(random, 2000));
        const Rings rings = rings_of(object);
        Rings pieces;
        REQUIRE(cut_into_pieces(rings, 0, rings.size(), pieces));
        double sum = 0, length = 0;
        brute::Object cut;
        for (std::size_t p = 0; p < pieces.size(); ++p) {
            REQUIRE_FALSE(pieces.is_hole(p));
            sum += std::abs(shoelace(pieces[p]));
            cut.emplace_back();
            for (const Point &point : pieces[p]) cut.back().region.emplace_back(point.x, point.y);
        }
        for (const brute::Line &line : brute::lines_of(object))
            length += std::hypot(line.a.first - line.b.first, line.a.second - line.b.second);
        CAPTURE(i);
        REQUIRE(std::abs(sum - brute::area(object)) <= length); // corners are rounded to whole numbers
        for (int probe = 0; probe < 200; ++probe) {
            const double x = random() % 20000 / 10.0, y = random() % 20000 / 10.0;
            if (brute::distance(object, x, y) < 2) continue;
            ++compared;
            REQUIRE(brute::covers(object, x, y) == brute::covers(cut, x, y));
        }
    }
    CHECK(compared > 100'000);
}

TEST_CASE("an object with too many crossings is measured nearly right, and not cut into pieces") {
    const Rings small = zigzag(60), large = zigzag(3000);
    brute::Ring ring;
    for (const Point &p : small[0]) ring.emplace_back(p.x, p.y);
    CHECK(ring_area(small[0]) == doctest::Approx(brute::area({{ring, {}}})));
    const double box = 1000.0 * 2999;
    CHECK(ring_area(large[0]) > box / 3); // half of the box is on the odd side
    CHECK(ring_area(large[0]) < box * 2 / 3);
    Rings pieces;
    CHECK_FALSE(cut_into_pieces(large, 0, 1, pieces));
    CHECK(pieces.empty());
}

TEST_CASE("the work for one object is bounded, however many points it has") {
    const auto checks_of = [](std::size_t points) {
        std::mt19937 random(29);
        Rings rings;
        rings.start(false);
        for (std::size_t i = 0; i < points; ++i)
            rings.add({static_cast<double>(random() % 100'000), static_cast<double>(random() % 100'000)});
        int checks = 0;
        CHECK(measure_ring(rings[0], [&checks] { ++checks; }).area > 3e9); // about half of the box
        return checks;
    };
    const int few = checks_of(5'000), many = checks_of(20'000);
    CHECK(few > 100);
    CHECK(many < 2 * few);
}

TEST_CASE("a measurement ends when its check throws") {
    struct Stop {};
    int checks = 0;
    const auto stop = [&checks] {
        ++checks;
        throw Stop();
    };
    const Rings large = zigzag(3000);
    CHECK_THROWS_AS(measure_ring(large[0], stop), Stop);
    Rings pieces;
    CHECK_THROWS_AS(cut_into_pieces(large, 0, 1, pieces, stop), Stop);
    CHECK(checks == 2);
}
