// From slab to slab a piece grows downwards, as long as exactly its lower side is the upper side of a trapezoid. So each
// piece is a polygon that a horizontal line meets at most twice.
#include "common/pieces.hpp"

#include "common/area.hpp"
#include "common/contacts.hpp"
#include "common/slabs.hpp"

#include <cmath>
#include <utility>
#include <vector>

namespace ango::common {

namespace {

constexpr double kSamePlace = 1e-6; // far less than one, to which corners are rounded

bool same(double a, double b) { return std::abs(a - b) <= kSamePlace; }

struct Piece {
    const DownEdge *left = nullptr, *right = nullptr;
    std::vector<Point> left_corners, right_corners; // from top to bottom, without those of the lower side
};

class Cutter {
public:
    Cutter(const Rings &rings, std::size_t first, std::size_t end, const StopCheck &check)
        : slabs_(rings, first, end, check), most_corners_(16 * count_points(rings, first, end) + 1000) {}

    bool run() {
        if (!slabs_.exact()) return false;
        Slab slab;
        while (slabs_.next(slab)) {
            add(slab);
            if (corners_ > most_corners_) return false;
        }
        for (Piece &piece : open_) finish(piece);
        return true;
    }

    const std::vector<std::vector<Point>> &done() const { return done_; }

private:
    /// Both the open pieces and the trapezoids of the slab go from left to right.
    void add(const Slab &slab) {
        std::vector<Piece> next;
        std::size_t at = 0;
        for (std::size_t i = 0; i + 1 < slab.sides.size(); i += 2) {
            const DownEdge *left = slab.sides[i], *right = slab.sides[i + 1];
            const double from = left->x_at(slab.top), to = right->x_at(slab.top);
            while (at < open_.size() && open_[at].left->x_at(bottom_) < from - kSamePlace) finish(open_[at++]);
            const bool goes_on = at < open_.size() && bottom_ == slab.top &&
                                 same(open_[at].left->x_at(bottom_), from) && same(open_[at].right->x_at(bottom_), to);
            Piece piece = goes_on ? std::move(open_[at++]) : Piece();
            if (piece.left != left) corner(piece.left_corners, {from, slab.top});
            if (piece.right != right) corner(piece.right_corners, {to, slab.top});
            piece.left = left;
            piece.right = right;
            next.push_back(std::move(piece));
        }
        while (at < open_.size()) finish(open_[at++]);
        open_ = std::move(next);
        bottom_ = slab.bottom;
    }

    void corner(std::vector<Point> &corners, Point at) {
        corners.push_back(at);
        ++corners_;
    }

    void finish(Piece &piece) {
        std::vector<Point> ring = std::move(piece.left_corners);
        corner(ring, {piece.left->x_at(bottom_), bottom_});
        corner(ring, {piece.right->x_at(bottom_), bottom_});
        ring.insert(ring.end(), piece.right_corners.rbegin(), piece.right_corners.rend());
        done_.push_back(std::move(ring));
    }

    Slabs slabs_;
    std::size_t most_corners_, corners_ = 0;
    std::vector<Piece> open_; // those that end at bottom_
    double bottom_ = 0;
    std::vector<std::vector<Point>> done_;
};

} // namespace

bool cut_into_pieces(const Rings &rings, std::size_t first, std::size_t end, Rings &out, const StopCheck &check) {
    Cutter cutter(rings, first, end, check);
    if (!cutter.run()) return false;
    for (const std::vector<Point> &ring : cutter.done()) {
        out.start(false);
        for (const Point &p : ring) out.add({std::round(p.x), std::round(p.y)});
        out.clean_last();
        if (measure_ring(out.last(), check).area <= 0) out.drop_last();
    }
    return true;
}

} // namespace ango::common
