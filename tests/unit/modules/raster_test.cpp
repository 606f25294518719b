// Rasteriser and bridge against brute force: every pixel centre tested against every ring.
#include "common/bridge.hpp"
#include "common/raster.hpp"

#include <doctest/doctest.h>

#include <random>

using namespace ango::common;

namespace {

/// The fill rule word by word: even-odd for each ring, regions OR-ed, each minus its own holes.
bool covered(const Rings &rings, Point centre) {
    bool any = false;
    for (std::size_t i = 0; i < rings.size();) {
        bool in = contains(rings[i], centre);
        for (++i; i < rings.size() && rings.is_hole(i); ++i) in = in && !contains(rings[i], centre);
        any = any || in;
    }
    return any;
}

std::vector<bool> brute_force(const Rings &rings, Size size) {
    std::vector<bool> pixels(size.width * size.height);
    for (std::uint64_t y = 0; y < size.height; ++y)
        for (std::uint64_t x = 0; x < size.width; ++x)
            pixels[y * size.width + x] = covered(rings, {static_cast<double>(x) + 0.5, static_cast<double>(y) + 0.5});
    return pixels;
}

std::vector<bool> drawn(const std::vector<Run> &runs, Size size, Lines lines) {
    std::vector<bool> pixels(size.width * size.height);
    for (const Run &run : runs)
        for (std::uint64_t at = run.begin; at < run.end; ++at) {
            const std::uint64_t x = lines == Lines::columns ? run.line : at;
            const std::uint64_t y = lines == Lines::columns ? at : run.line;
            REQUIRE(x < size.width);
            REQUIRE(y < size.height);
            REQUIRE_FALSE(pixels[y * size.width + x]); // no pixel twice
            pixels[y * size.width + x] = true;
        }
    return pixels;
}

/// Regions and holes anywhere, self-intersecting, partly outside; coordinates avoid exact pixel centres, where
/// either answer is right.
Rings random_rings(std::mt19937 &random) {
    std::uniform_real_distribution<double> at(-8, 30);
    Rings rings;
    const unsigned count = 1 + random() % 5;
    for (unsigned i = 0; i < count; ++i) {
        rings.start(i > 0 && random() % 2);
        for (unsigned points = 3 + random() % 6; points > 0; --points) rings.add({at(random), at(random)});
    }
    return rings;
}

} // namespace

TEST_CASE("columns and rows cover exactly the pixels whose centres the fill rule covers") {
    std::mt19937 random(42);
    const Size size{23, 17};
    std::vector<Run> runs;
    for (int i = 0; i < 2000; ++i) {
        const Rings rings = random_rings(random);
        const std::vector<bool> expected = brute_force(rings, size);
        for (const Lines lines : {Lines::columns, Lines::rows}) {
            REQUIRE(rasterise(rings, size, lines, 1'000'000, runs));
            REQUIRE(drawn(runs, size, lines) == expected);
        }
    }
}

TEST_CASE("a hole of one zone does not cut another zone on lines its own region does not reach") {
    Rings rings;
    for (const Point &p : {Point{0, 0}, Point{10, 0}, Point{10, 10}, Point{0, 10}}) {
        if (rings.empty()) rings.start(false);
        rings.add(p);
    }
    rings.start(false);
    for (const Point &p : {Point{20, 0}, Point{22, 0}, Point{22, 2}}) rings.add(p);
    rings.start(true); // belongs to the second region, lies over the first
    for (const Point &p : {Point{2, 2}, Point{8, 2}, Point{8, 8}, Point{2, 8}}) rings.add(p);
    std::vector<Run> runs;
    REQUIRE(rasterise(rings, {12, 12}, Lines::columns, 1000, runs));
    CHECK(drawn(runs, {12, 12}, Lines::columns) == brute_force(rings, {12, 12}));
    CHECK(runs[5] == Run{5, 0, 10});
}

TEST_CASE("corners on pixel centres count once") {
    Rings rings;
    rings.start(false);
    for (const Point &p : {Point{0.5, 0.5}, Point{4.5, 0.5}, Point{4.5, 3.5}, Point{0.5, 3.5}}) rings.add(p);
    std::vector<Run> runs;
    REQUIRE(rasterise(rings, {8, 8}, Lines::columns, 1000, runs));
    CHECK(runs == std::vector<Run>{{0, 0, 3}, {1, 0, 3}, {2, 0, 3}, {3, 0, 3}});
}

TEST_CASE("too many crossings are refused before any is stored") {
    Rings rings;
    rings.start(false);
    for (const Point &p : {Point{0, 0}, Point{1e9, 0}, Point{1e9, 1}, Point{0, 1}}) rings.add(p);
    std::vector<Run> runs;
    CHECK_FALSE(rasterise(rings, {1'000'000'000, 1}, Lines::columns, 1'000'000, runs));
    CHECK(rasterise(rings, {1'000'000'000, 1}, Lines::rows, 1'000'000, runs));
    CHECK(runs == std::vector<Run>{{0, 0, 1'000'000'000}});
}

TEST_CASE("a bridged ring covers region minus holes and has the net area, for holes of either winding") {
    std::mt19937 random(3);
    const Size size{40, 40};
    for (int i = 0; i < 200; ++i) {
        Rings rings;
        rings.start(false);
        for (const Point &p : {Point{1, 1}, Point{38, 2}, Point{37, 39}, Point{2, 38}}) rings.add(p);
        for (unsigned hole = 0; hole < 3; ++hole) {
            const double x = 4 + 11 * hole + (random() % 100) / 99.7, y = 5 + random() % 25 + 0.13;
            std::vector<Point> points = {{x, y}, {x + 6.1, y + 1}, {x + 5, y + 6.3}};
            if (random() % 2) std::swap(points[0], points[2]);
            rings.start(true);
            for (const Point &p : points) rings.add(p);
        }
        std::vector<Point> bridged;
        bridge_holes(rings, 0, bridged);
        double area = std::abs(shoelace(rings[0]));
        for (std::size_t hole = 1; hole < rings.size(); ++hole) area -= std::abs(shoelace(rings[hole]));
        CHECK(std::abs(shoelace(bridged)) == doctest::Approx(area));
        Rings one;
        one.start(false);
        for (const Point &p : bridged) one.add(p);
        REQUIRE(brute_force(one, size) == brute_force(rings, size));
    }
}
