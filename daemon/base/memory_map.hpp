// One line of /proc/PID/maps: which part of which file lies at which addresses. For the handler of a crash: nothing here
// allocates memory or takes a lock. Format: proc_pid_maps(5).
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace angod {

struct Mapping {
    std::uint64_t begin = 0, end = 0; ///< addresses
    std::uint64_t offset = 0;         ///< in the file, of begin
    bool readable = false, executable = false;
    std::string_view path; ///< into the line; empty if there is no file. Ends with " (deleted)" if the file is gone
    bool has(std::uint64_t address) const { return address >= begin && address < end; }
};

/// line: without its end. Nothing for a line in another format.
constexpr std::optional<Mapping> parse_mapping(std::string_view line) {
    const auto hex = [&line](std::uint64_t &value) {
        std::size_t digits = 0;
        for (; digits < line.size() && digits <= 16; ++digits) {
            const char c = line[digits];
            const int digit = c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
            if (digit < 0) break;
            value = value * 16 + static_cast<std::uint64_t>(digit);
        }
        if (digits == 0 || digits > 16) return false;
        line.remove_prefix(digits);
        return true;
    };
    const auto next_is = [&line](char wanted) {
        if (line.empty() || line.front() != wanted) return false;
        line.remove_prefix(1);
        return true;
    };
    const auto skip_word = [&line] {
        const std::size_t size = line.find(' ');
        line.remove_prefix(size == std::string_view::npos ? line.size() : size + 1);
    };
    Mapping out;
    if (!hex(out.begin) || !next_is('-') || !hex(out.end) || !next_is(' ') || line.size() < 5) return std::nullopt;
    out.readable = line[0] == 'r';
    out.executable = line[2] == 'x';
    skip_word();
    if (!hex(out.offset) || !next_is(' ')) return std::nullopt;
    skip_word(); // the device
    skip_word(); // the inode
    const std::size_t at = line.find_first_not_of(' ');
    if (at != std::string_view::npos) out.path = line.substr(at);
    return out;
}

} // namespace angod
