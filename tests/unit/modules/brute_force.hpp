// Coverage and area of rings by brute force, for comparison. Shares no code with modules/common: points are tested against
// every edge, and areas are added up over vertical strips between all corners and all crossings of all pairs of edges.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <optional>
#include <utility>
#include <vector>

namespace brute_force {

using Corner = std::pair<double, double>;
using Ring = std::vector<Corner>;
struct Zone {
    Ring region;
    std::vector<Ring> holes;
};
using Object = std::vector<Zone>;

inline bool inside(const Ring &ring, double x, double y) {
    bool odd = false;
    for (std::size_t i = 0, j = ring.size() - 1; i < ring.size(); j = i++) {
        const auto [ax, ay] = ring[i];
        const auto [bx, by] = ring[j];
        if ((ay > y) == (by > y)) continue;
        if (x < (bx - ax) * (y - ay) / (by - ay) + ax) odd = !odd;
    }
    return odd;
}

inline bool covers(const Object &object, double x, double y) {
    return std::any_of(object.begin(), object.end(), [&](const Zone &zone) {
        return inside(zone.region, x, y) &&
               std::none_of(zone.holes.begin(), zone.holes.end(), [&](const Ring &hole) { return inside(hole, x, y); });
    });
}

struct Line {
    Corner a, b;
};

inline std::vector<Line> lines_of(const Object &object) {
    std::vector<Line> lines;
    const auto add = [&lines](const Ring &ring) {
        for (std::size_t i = 0; i < ring.size(); ++i) lines.push_back({ring[i], ring[(i + 1) % ring.size()]});
    };
    for (const Zone &zone : object) {
        add(zone.region);
        for (const Ring &hole : zone.holes) add(hole);
    }
    return lines;
}

inline std::optional<double> crossing_x(const Line &s, const Line &t) {
    const double sx = s.b.first - s.a.first, sy = s.b.second - s.a.second;
    const double tx = t.b.first - t.a.first, ty = t.b.second - t.a.second;
    const double determinant = sx * ty - sy * tx;
    if (determinant == 0) return std::nullopt;
    const double along = ((t.a.first - s.a.first) * ty - (t.a.second - s.a.second) * tx) / determinant;
    return along >= 0 && along <= 1 ? std::optional(s.a.first + along * sx) : std::nullopt;
}

struct Covered {
    double area = 0;
    double x0 = INFINITY, y0 = INFINITY, x1 = -INFINITY, y1 = -INFINITY; // around the points that are part of an area
};

/// Between two neighbours of xs no edges cross, so the middle of a strip tells its mean height.
inline Covered covered(const Object &object) {
    constexpr double kNoLength = 1e-9; // crossings are computed with errors below it
    const std::vector<Line> lines = lines_of(object);
    std::vector<double> xs;
    for (std::size_t i = 0; i < lines.size(); ++i) {
        xs.push_back(lines[i].a.first);
        for (std::size_t j = 0; j < i; ++j)
            if (const auto x = crossing_x(lines[i], lines[j])) xs.push_back(*x);
    }
    std::sort(xs.begin(), xs.end());
    Covered found;
    const auto y_at = [](const Line &line, double x) {
        const double share = (x - line.a.first) / (line.b.first - line.a.first);
        return line.a.second + share * (line.b.second - line.a.second);
    };
    for (std::size_t i = 0; i + 1 < xs.size(); ++i) {
        const double x = (xs[i] + xs[i + 1]) / 2;
        std::vector<std::pair<double, const Line *>> ys;
        for (const Line &line : lines) {
            if ((line.a.first > x) == (line.b.first > x)) continue;
            ys.emplace_back(y_at(line, x), &line);
        }
        std::sort(ys.begin(), ys.end());
        for (std::size_t k = 0; k + 1 < ys.size(); ++k) {
            const double height = ys[k + 1].first - ys[k].first, width = xs[i + 1] - xs[i];
            if (!covers(object, x, ys[k].first + height / 2)) continue;
            found.area += height * width;
            if (height < kNoLength || width < kNoLength) continue;
            found.x0 = std::min(found.x0, xs[i]);
            found.x1 = std::max(found.x1, xs[i + 1]);
            for (const double side : {xs[i], xs[i + 1]}) {
                found.y0 = std::min(found.y0, y_at(*ys[k].second, side));
                found.y1 = std::max(found.y1, y_at(*ys[k + 1].second, side));
            }
        }
    }
    return found;
}

inline double area(const Object &object) { return covered(object).area; }

/// The distance of a point from the nearest edge.
inline double distance(const Object &object, double x, double y) {
    double least = INFINITY;
    for (const Line &line : lines_of(object)) {
        const double dx = line.b.first - line.a.first, dy = line.b.second - line.a.second;
        const double length = dx * dx + dy * dy;
        const double share =
            length > 0 ? std::clamp(((x - line.a.first) * dx + (y - line.a.second) * dy) / length, 0.0, 1.0) : 0;
        least = std::min(least, std::hypot(line.a.first + share * dx - x, line.a.second + share * dy - y));
    }
    return least;
}

} // namespace brute_force
