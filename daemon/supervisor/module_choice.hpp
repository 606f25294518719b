// Which file serves a module id. Pure.
#pragma once

#include <cstddef>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace angod::supervisor {

/// A file that bears the id, or bore it before it could not be used any more.
struct Candidate {
    std::filesystem::path source;
    std::size_t folder = 0; ///< its place among the folders: the later one wins
    std::string sha256;
    bool usable = false;
    bool missing = false; ///< it may come back, and is what it was until it is given up
};

/// The version that serves, or that served when angod ended and can serve again.
struct Serving {
    std::filesystem::path source;
    std::string sha256;
};

struct Choice {
    const Candidate *file = nullptr; ///< that should serve; of the candidates
    bool hold = false;               ///< no file should: what serves goes on
    /// The usable ones beside `original` that its folder is too small for.
    std::vector<const Candidate *> duplicates;
    const Candidate *original = nullptr;
};

/// Of several folders the later one serves; in one folder the file that serves already, else the first. This file
/// serves while it is there, usable or not, or while the last folder's files are unusable: an earlier folder
/// does not take over then.
Choice choose(const std::vector<Candidate> &candidates, const std::optional<Serving> &serving);

} // namespace angod::supervisor
