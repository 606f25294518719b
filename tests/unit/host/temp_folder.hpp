// A folder of its own for one test.
#pragma once

#include "base/ids.hpp"

#include <filesystem>

struct TempFolder {
    std::filesystem::path path = std::filesystem::temp_directory_path() / ("angod-test-" + angod::new_id());
    TempFolder() { std::filesystem::create_directories(path); }
    ~TempFolder() { std::filesystem::remove_all(path); }
    bool empty() const { return std::filesystem::is_empty(path); }
};
