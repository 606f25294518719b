#include "app/store_commands.hpp"

#include "jobs/store_check.hpp"
#include "jobs/store_salvage.hpp"

#include <fmt/format.h>

#include <cstdio>

namespace angod::app {

bool print_store_check(const std::filesystem::path &state_dir) {
    const jobs::StoreReport report = jobs::check_store(state_dir);
    const auto print = [](const std::vector<std::string> &lines) {
        for (const std::string &line : lines) std::printf("%s\n", line.c_str());
    };
    print(report.facts);
    if (report.in_order()) {
        std::printf("The store in %s is in order.\n", state_dir.c_str());
        return true;
    }
    print(report.problems);
    print(report.remedies);
    return false;
}

bool print_store_salvage(const std::filesystem::path &state_dir) {
    const auto lines = jobs::salvage_store(state_dir);
    if (!lines) {
        std::fprintf(stderr, "error: %s\n", lines.error().text.c_str());
        return false;
    }
    for (const std::string &line : *lines) std::printf("%s\n", line.c_str());
    return true;
}

} // namespace angod::app
