// What a file explorer found: behind "ango.listing".
#pragma once

#include <optional>
#include <string>
#include <vector>

namespace angod::host {

struct Listing {
    struct File {
        std::string key;
        std::string url; ///< empty: the usual address of the key in its storage
    };
    std::vector<std::string> folders;
    std::vector<File> files;
    std::optional<std::string> next; ///< token of the next page
};

} // namespace angod::host
