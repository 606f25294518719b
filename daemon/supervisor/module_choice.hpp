// Which file serves a module id. Pure.
#pragma once

#include <cstddef>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace angod::supervisor {

/// A file that bears the id, or bore it before it became unusable.
struct Candidate {
    std::filesystem::path source;
    std::size_t folder = 0; ///< its place among the folders: the later one wins
    std::string sha256;
    bool usable = false;
    bool missing = false; ///< it may come back; until it is given up, it counts as before
};

/// The version that serves, or that served when angod ended and can go on.
struct Serving {
    std::filesystem::path source;
    std::string sha256;
};

struct Choice {
    const Candidate *file = nullptr; ///< one of the candidates, that should serve
    bool hold = false;               ///< no file should serve: the present version goes on
    /// The other usable files in the folder of `original`.
    std::vector<const Candidate *> duplicates;
    const Candidate *original = nullptr; ///< the file that uses the id in its folder
};

/// The later of several folders wins; within a folder, the file that serves already, else the first file. The present
/// version goes on while its file is there, usable or not, and while the files of the last folder are unusable: then an
/// earlier folder does not take over.
Choice choose(const std::vector<Candidate> &candidates, const std::optional<Serving> &serving);

} // namespace angod::supervisor
