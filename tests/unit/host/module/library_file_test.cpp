// Files that the system's loader could not load, or would crash on. Each is a copy of a real library that was changed at
// one place.
#include "host/module/library_file.hpp"

#include "odd_module.hpp"
#include "printing.hpp"
#include "temporary_folder.hpp"

#include "base/files.hpp"

#include <elf.h>

#include <cstring>
#include <fstream>

using namespace angod;
using namespace angod::host;

namespace {

std::string library() { return files::read(odd_module(), std::uint64_t{1} << 30).value(); }

Elf64_Ehdr header_of(const std::string &bytes) {
    Elf64_Ehdr header;
    std::memcpy(&header, bytes.data(), sizeof header);
    return header;
}

/// Returns the text of the error; empty if there is none.
std::string check(const std::string &bytes) {
    const TemporaryFolder folder;
    const auto path = folder.path() / "x.so";
    std::ofstream(path, std::ios::binary) << bytes;
    const auto checked = check_library_file(path);
    if (checked) return "";
    CHECK(checked.error().code == Code::invalid);
    return checked.error().text;
}

template <class Change> std::string check_changed(const Change &change) {
    std::string bytes = library();
    Elf64_Ehdr header = header_of(bytes);
    change(header);
    std::memcpy(bytes.data(), &header, sizeof header);
    return check(bytes);
}

} // namespace

TEST_CASE("a whole library is good, with bytes behind its end too") {
    CHECK(check_library_file(odd_module()));
    CHECK(check(library() + "more") == "");
}

TEST_CASE("a library that is cut anywhere is incomplete") {
    const std::string whole = library();
    const std::string sentence = "the file is incomplete (";
    for (const std::size_t size : {whole.size() - 1, whole.size() / 2, std::size_t{8000}}) {
        REQUIRE(size < whole.size());
        CHECK(check(whole.substr(0, size)) ==
              sentence + std::to_string(size) + " of " + std::to_string(whole.size()) + " bytes)");
    }
    for (const std::size_t size : {sizeof(Elf64_Ehdr) + 8, sizeof(Elf64_Ehdr), sizeof(Elf64_Ehdr) - 1, std::size_t{16}})
        CHECK(check(whole.substr(0, size)) == sentence + std::to_string(size) + " bytes)");
    for (const std::size_t size : {15, 4, 0})
        CHECK(check(whole.substr(0, size)) == "it is not a shared library (no ELF header)");
}

TEST_CASE("a file that is no library for this machine says what it is") {
    CHECK(check("#!/bin/sh\necho I am no library, but a text.\n") == "it is not a shared library (no ELF header)");
    CHECK(check_changed([](Elf64_Ehdr &h) { h.e_ident[EI_CLASS] = ELFCLASS32; }) ==
          "it is a library for 32-bit programs");
    CHECK(check_changed([](Elf64_Ehdr &h) { h.e_type = ET_EXEC; }) == "it is an ELF file but not a shared library");
    CHECK(check_changed([](Elf64_Ehdr &h) { h.e_machine = EM_S390; }) ==
          "it is a library for another processor (ELF machine 22)");
}

TEST_CASE("headers that promise more than the file has are found") {
    const std::string whole = library();
    const std::string size = std::to_string(whole.size());
    CHECK(check_changed([](Elf64_Ehdr &h) { h.e_phentsize = 1; }) == "the file is incomplete (" + size + " bytes)");
    CHECK(check_changed([&](Elf64_Ehdr &h) { h.e_phoff = whole.size() - 1; }) ==
          "the file is incomplete (" + size + " bytes)");
    CHECK(check_changed([&](Elf64_Ehdr &h) { h.e_shoff = whole.size(); }).starts_with("the file is incomplete ("));
    std::string bytes = whole;
    Elf64_Phdr segment;
    std::memcpy(&segment, bytes.data() + header_of(bytes).e_phoff, sizeof segment);
    segment.p_offset = 0;
    segment.p_filesz = 1'000'000'000;
    std::memcpy(bytes.data() + header_of(bytes).e_phoff, &segment, sizeof segment);
    CHECK(check(bytes) == "the file is incomplete (" + size + " of 1000000000 bytes)");
}

TEST_CASE("numbers in the headers that overflow are no complete file") {
    constexpr auto kHuge = static_cast<Elf64_Off>(-1);
    CHECK(check_changed([](Elf64_Ehdr &h) { h.e_phoff = kHuge; }).starts_with("the file is incomplete"));
    CHECK(check_changed([](Elf64_Ehdr &h) { h.e_shoff = kHuge - 10; }).starts_with("the file is incomplete"));
    std::string bytes = library();
    Elf64_Phdr segment;
    std::memcpy(&segment, bytes.data() + header_of(bytes).e_phoff, sizeof segment);
    segment.p_offset = kHuge;
    segment.p_filesz = 4096;
    std::memcpy(bytes.data() + header_of(bytes).e_phoff, &segment, sizeof segment);
    CHECK(check(bytes).starts_with("the file is incomplete"));
}

TEST_CASE("a file that is not there is another error than a bad one") {
    const TemporaryFolder folder;
    const auto missing = check_library_file(folder.path() / "x.so");
    REQUIRE(!missing);
    CHECK(missing.error().code == Code::not_found);
    const auto directory = check_library_file(folder.path());
    CHECK(!directory);
}
