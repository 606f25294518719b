// With the file of the test program, and with damaged copies of it.
#include "base/elf_function.hpp"

#include "base/files.hpp"
#include "base/memory_map.hpp"
#include "printing.hpp"
#include "temporary_folder.hpp"

#include <doctest/doctest.h>

#include <array>
#include <fstream>
#include <random>
#include <string>

using namespace angod;

extern "C" __attribute__((noinline, visibility("default"))) int a_function_to_be_found(int x) {
    return x * 7 + 1; // its code must differ from that of all others, or they would be one
}

namespace {

const char *const kProgram = "/proc/self/exe";

std::uint64_t offset_of(std::uint64_t address) {
    std::ifstream maps("/proc/self/maps");
    for (std::string line; std::getline(maps, line);)
        if (const auto one = parse_mapping(line); one && one->has(address)) return address - one->begin + one->offset;
    return 0;
}

} // namespace

TEST_CASE("the function at a place of the program is found by its symbol, at its first byte and behind it") {
    const std::uint64_t offset = offset_of(reinterpret_cast<std::uint64_t>(&a_function_to_be_found));
    REQUIRE(offset > 0);
    std::array<char, 64> name{};
    REQUIRE(find_elf_function(kProgram, offset, name.data(), name.size()));
    CHECK(std::string(name.data()) == "a_function_to_be_found");
    REQUIRE(find_elf_function(kProgram, offset + 2, name.data(), name.size()));
    CHECK(std::string(name.data()) == "a_function_to_be_found");
    std::array<char, 5> little{};
    REQUIRE(find_elf_function(kProgram, offset, little.data(), little.size()));
    CHECK(std::string(little.data()) == "a_fu");
}

TEST_CASE("no function is found outside of the code, in another file, or in none") {
    std::array<char, 64> name{};
    CHECK_FALSE(find_elf_function(kProgram, 0, name.data(), name.size()));
    CHECK_FALSE(find_elf_function(kProgram, UINT64_MAX, name.data(), name.size()));
    CHECK_FALSE(find_elf_function("/etc/passwd", 100, name.data(), name.size()));
    CHECK_FALSE(find_elf_function("/nowhere", 100, name.data(), name.size()));
    CHECK_FALSE(find_elf_function("/", 100, name.data(), name.size()));
}

TEST_CASE("a damaged file ends the search and nothing else") {
    const TemporaryFolder folder;
    const auto file = folder.path() / "damaged";
    std::string head(4096, '\0');
    std::ifstream(kProgram, std::ios::binary).read(head.data(), static_cast<std::streamsize>(head.size()));
    std::mt19937 random(1);
    std::array<char, 16> name{};
    for (int round = 0; round < 2000; ++round) {
        std::string damaged = head;
        for (int i = 0; i < 8; ++i) damaged[16 + random() % 1000] = static_cast<char>(random());
        REQUIRE(files::replace(file, damaged, false));
        find_elf_function(file.c_str(), random() % 8192, name.data(), name.size());
    }
}
