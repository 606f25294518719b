// Nouns and verbs behind a count.
#pragma once

#include <cstdint>
#include <string_view>

namespace angod {

/// The ending of a noun: "{} line{}". With words of its own it chooses between them: plural(n, "was", "were").
constexpr std::string_view plural(std::uint64_t count, std::string_view one = "", std::string_view many = "s") {
    return count == 1 ? one : many;
}

} // namespace angod
