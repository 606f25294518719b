#include "base/file_access.hpp"

#include <fmt/format.h>

namespace angod::files {

std::optional<std::string> space_problem(const std::filesystem::path &folder, std::uint64_t least) {
    std::error_code failed;
    const auto space = std::filesystem::space(existing_parent(folder), failed);
    if (failed || space.available >= least) return std::nullopt;
    return fmt::format("{} has only {} MB of free space; make room until at least {} MB are free", folder.string(),
                       space.available >> 20, (least + (1u << 20) - 1) >> 20);
}

std::filesystem::path existing_parent(const std::filesystem::path &path) {
    std::error_code failed;
    std::filesystem::path folder = std::filesystem::absolute(path, failed);
    while (folder.has_relative_path() && !std::filesystem::exists(folder, failed)) folder = folder.parent_path();
    return folder;
}

bool is_readable_by_others(const std::filesystem::path &path) {
    std::error_code failed;
    const auto mode = std::filesystem::status(path, failed).permissions();
    return !failed && (mode & std::filesystem::perms::others_read) != std::filesystem::perms::none;
}

} // namespace angod::files
