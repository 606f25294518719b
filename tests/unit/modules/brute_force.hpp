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

/// Between two neighbours of xs no edges cross, so the middle of a strip tells its mean height.
inline double area(const Object &object) {
    const std::vector<Line> lines = lines_of(object);
    std::vector<double> xs;
    for (std::size_t i = 0; i < lines.size(); ++i) {
        xs.push_back(lines[i].a.first);
        for (std::size_t j = 0; j < i; ++j)
            if (const auto x = crossing_x(lines[i], lines[j])) xs.push_back(*x);
    }
    std::sort(xs.begin(), xs.end());
    double sum = 0;
    for (std::size_t i = 0; i + 1 < xs.size(); ++i) {
        const double x = (xs[i] + xs[i + 1]) / 2;
        std::vector<double> ys;
        for (const Line &line : lines) {
            if ((line.a.first > x) == (line.b.first > x)) continue;
            const double share = (x - line.a.first) / (line.b.first - line.a.first);
            ys.push_back(line.a.second + share * (line.b.second - line.a.second));
        }
        std::sort(ys.begin(), ys.end());
        for (std::size_t k = 0; k + 1 < ys.size(); ++k)
            if (covers(object, x, (ys[k] + ys[k + 1]) / 2)) sum += (ys[k + 1] - ys[k]) * (xs[i + 1] - xs[i]);
    }
    return sum;
}

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
