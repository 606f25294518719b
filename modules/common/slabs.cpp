#include "common/slabs.hpp"

#include "common/contacts.hpp"

#include <algorithm>

namespace ango::common {

namespace {

/// Pairs of an edge and a slab. Each of them is sorted, so it takes far longer than a step of find_contacts.
std::uint64_t most_pairs(std::size_t edges) {
    constexpr std::uint64_t kForAnEdge = 2048, kForAnObject = 10'000'000;
    return std::min(edges * kForAnEdge, kForAnObject);
}

} // namespace

Slabs::Slabs(const Rings &rings, std::size_t first, std::size_t end, const StopCheck &check)
    : check_(check), counter_(check) {
    for (std::size_t i = first; i < end; ++i) {
        if (!rings.is_hole(i)) zones_.emplace_back();
        zone_of_.push_back(zones_.size() - 1);
        is_hole_.push_back(rings.is_hole(i));
    }
    in_ring_.assign(zone_of_.size(), false);
    collect_edges(rings, first, end);
    collect_levels(rings, first, end);
    const std::uint64_t most = most_pairs(edges_.size());
    if (exact_ && steps() > most) exact_ = false;
    if (!exact_) make_levels_even(std::clamp<std::uint64_t>(most / edges_.size(), 64, 8192));
}

void Slabs::collect_edges(const Rings &rings, std::size_t first, std::size_t end) {
    for (std::size_t r = first; r < end; ++r) {
        const RingView ring = rings[r];
        for (std::size_t i = 0; i < ring.size(); ++i) {
            const Point &a = ring[i];
            const Point &b = ring[i + 1 == ring.size() ? 0 : i + 1];
            if (a.y != b.y) edges_.push_back({a.y < b.y ? a : b, a.y < b.y ? b : a, r - first});
        }
    }
    std::sort(edges_.begin(), edges_.end(), [](const DownEdge &s, const DownEdge &t) { return s.a.y < t.a.y; });
}

void Slabs::collect_levels(const Rings &rings, std::size_t first, std::size_t end) {
    Contacts contacts = find_contacts(rings, first, end, false, check_);
    exact_ = contacts.complete || edges_.empty();
    levels_ = std::move(contacts.crossed);
    for (const DownEdge &edge : edges_) {
        levels_.push_back(edge.a.y);
        levels_.push_back(edge.b.y);
    }
    std::sort(levels_.begin(), levels_.end());
    levels_.erase(std::unique(levels_.begin(), levels_.end()), levels_.end());
}

/// Pairs of an edge and a slab that it crosses.
std::uint64_t Slabs::steps() const {
    std::uint64_t sum = 0;
    for (const DownEdge &edge : edges_) {
        const auto from = std::lower_bound(levels_.begin(), levels_.end(), edge.a.y);
        sum += static_cast<std::uint64_t>(std::lower_bound(from, levels_.end(), edge.b.y) - from);
    }
    return sum;
}

void Slabs::make_levels_even(std::uint64_t slabs) {
    const double top = levels_.front(), height = levels_.back() - top;
    levels_.clear();
    for (std::uint64_t i = 0; i <= slabs; ++i)
        levels_.push_back(top + height * (static_cast<double>(i) / static_cast<double>(slabs)));
}

bool Slabs::next(Slab &slab) {
    while (next_level_ + 1 < levels_.size()) {
        slab.top = levels_[next_level_];
        slab.bottom = levels_[++next_level_];
        move_to(slab.middle());
        counter_.add(16 * active_.size()); // they were sorted
        find_sides(slab);
        if (!slab.sides.empty()) return true;
    }
    return false;
}

/// An edge counts from its upper end to before its lower end, so that a line meets every ring an even number of times.
void Slabs::move_to(double middle) {
    std::erase_if(active_, [middle](const Active &one) { return one.edge->b.y <= middle; });
    for (; next_edge_ < edges_.size() && edges_[next_edge_].a.y <= middle; ++next_edge_)
        if (edges_[next_edge_].b.y > middle) active_.push_back({&edges_[next_edge_], 0});
    for (Active &one : active_) one.x = one.edge->x_at(middle);
    std::sort(active_.begin(), active_.end(), [](const Active &s, const Active &t) { return s.x < t.x; });
}

void Slabs::find_sides(Slab &slab) {
    slab.sides.clear();
    std::size_t covering = 0; // zones
    for (const Active &one : active_) {
        const std::size_t ring = one.edge->ring;
        Zone &zone = zones_[zone_of_[ring]];
        const bool was_covered = covering > 0;
        covering -= zone.covered();
        in_ring_[ring] = !in_ring_[ring];
        if (!is_hole_[ring])
            zone.in_region = in_ring_[ring];
        else if (in_ring_[ring])
            ++zone.in_holes;
        else
            --zone.in_holes;
        covering += zone.covered();
        if (was_covered != (covering > 0)) slab.sides.push_back(one.edge);
    }
}

} // namespace ango::common
