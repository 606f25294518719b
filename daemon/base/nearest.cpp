#include "base/nearest.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cstddef>

namespace angod {

namespace {

/// A longer word is no mistyped command; the table of distances grows with the product of the lengths.
constexpr std::size_t kLongest = 64;
/// A shorter beginning of a word says too little.
constexpr std::size_t kLeastBeginning = 3;

/// How many letters are to be replaced, added, removed or swapped with their neighbour.
std::size_t distance(std::string_view a, std::string_view b) {
    std::vector<std::vector<std::size_t>> cost(a.size() + 1, std::vector<std::size_t>(b.size() + 1));
    for (std::size_t i = 0; i <= a.size(); ++i)
        for (std::size_t j = 0; j <= b.size(); ++j) {
            if (i == 0 || j == 0) {
                cost[i][j] = i + j;
                continue;
            }
            const std::size_t replaced = cost[i - 1][j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
            cost[i][j] = std::min({replaced, cost[i - 1][j] + 1, cost[i][j - 1] + 1});
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                cost[i][j] = std::min(cost[i][j], cost[i - 2][j - 2] + 1);
        }
    return cost[a.size()][b.size()];
}

} // namespace

std::optional<std::string> nearest(std::string_view given, const std::vector<std::string> &known) {
    if (given.empty() || given.size() > kLongest) return std::nullopt;
    const std::size_t allowed = std::max<std::size_t>(2, given.size() / 3);
    std::optional<std::string> best;
    std::size_t least = allowed + 1;
    for (const std::string &word : known) {
        if (word.size() > kLongest) continue;
        const bool begins = given.size() >= kLeastBeginning && word.starts_with(given);
        const std::size_t steps = begins && given.size() < word.size() ? 1 : distance(given, word);
        if (steps >= least || steps >= word.size()) continue; // not one letter in common
        least = steps;
        best = word;
    }
    return best;
}

std::string no_such(std::string_view sort, std::string_view given, const std::vector<std::string> &known) {
    if (const auto meant = nearest(given, known))
        return fmt::format("there is no {} \"{}\"; did you mean \"{}\"?", sort, given, *meant);
    if (known.empty()) return fmt::format("there is no {} \"{}\"", sort, given);
    return fmt::format("there is no {} \"{}\"; known: {}", sort, given, fmt::join(known, ", "));
}

} // namespace angod
