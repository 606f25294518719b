#include "base/files.hpp"
#include "printing.hpp"
#include "temporary_folder.hpp"

#include <doctest/doctest.h>

using namespace angod;
namespace fs = std::filesystem;

TEST_CASE("a file is replaced whole, with mode 0600 and nothing left beside it") {
    const TemporaryFolder folder;
    const fs::path file = folder.path() / "f";
    REQUIRE(files::replace(file, "one", true));
    REQUIRE(files::replace(file, "two", false));
    CHECK(*files::read(file, 100) == "two");
    CHECK((fs::status(file).permissions() & fs::perms::all) == fs::perms(0600));
    CHECK(std::distance(fs::directory_iterator(folder.path()), fs::directory_iterator()) == 1);
}

TEST_CASE("reading stops at the limit, and says what is missing") {
    const TemporaryFolder folder;
    REQUIRE(files::replace(folder.path() / "f", "12345", false));
    CHECK(files::read(folder.path() / "f", 4).error().code == Code::limit);
    CHECK(files::read(folder.path() / "none", 4).error().code == Code::not_found);
}

TEST_CASE("a lock is held by one at a time and given back") {
    const TemporaryFolder folder;
    {
        const auto first = files::Lock::take(folder.path() / "lock");
        REQUIRE(first);
        CHECK(files::Lock::take(folder.path() / "lock").error().code == Code::full);
    }
    CHECK(files::Lock::take(folder.path() / "lock"));
}
