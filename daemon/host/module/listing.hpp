// One page of a file explorer: the state behind "ango.listing".
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

namespace angod::host {

struct Listing {
    struct File {
        std::string key;
        std::string url; ///< empty: the storage's usual address for the key
    };
    static constexpr std::size_t kMaxToken = 8'192; ///< bytes

    std::size_t limit = 1; ///< entries
    std::vector<std::string> folders;
    std::vector<File> files;
    std::optional<std::string> next; ///< token of the next page
    bool overflow = false;           ///< the module gave more entries than the limit

    /// Whether one more entry fits; notes the overflow if not.
    bool has_room() {
        overflow = overflow || folders.size() + files.size() >= limit;
        return !overflow;
    }
};

} // namespace angod::host
