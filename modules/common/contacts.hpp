// The places where edges of rings meet.
#pragma once

#include "common/geometry.hpp"
#include "common/stop_check.hpp"

#include <cstddef>
#include <cstdint>
#include <vector>

namespace ango::common {

struct Contacts {
    bool any = false;            // two edges share a point that is not the corner between two neighbours
    bool complete = true;        // false: the search was given up, after most_steps or with 64 crossings for each point
    std::vector<double> crossed; // y of each place where two edges cross between their ends
};

/// Searches rings[first, end). With stop_at_first the search ends at the first contact.
Contacts find_contacts(const Rings &rings, std::size_t first, std::size_t end, bool stop_at_first,
                       const StopCheck &check);

/// The steps that are allowed for an object of so many points: enough for any drawing, and linear in its size.
std::uint64_t most_steps(std::size_t points);

/// The number of points of rings[first, end).
std::size_t count_points(const Rings &rings, std::size_t first, std::size_t end);

} // namespace ango::common
