#include "base/clock.hpp"
#include "base/files.hpp"
#include "base/handle_windows.hpp"
#include "printing.hpp"

#include <aclapi.h>
#include <doctest/doctest.h>
#include <sddl.h>

#include <thread>

using namespace angod;
namespace fs = std::filesystem;

namespace {

class Folder {
public:
    Folder() : path_(fs::temp_directory_path() / ("angod-test-" + std::to_string(::GetCurrentProcessId()))) {
        REQUIRE(files::make_private_folder(path_));
    }
    Folder(const Folder &) = delete;
    Folder &operator=(const Folder &) = delete;
    ~Folder() { files::remove_all(path_); }
    fs::path operator/(const fs::path &name) const { return path_ / name; }
    const fs::path &path() const { return path_; }

private:
    fs::path path_;
};

/// Do the rights of the file name everybody, all who are logged on, all users, guests, or anonymous?
bool open_to_others(const fs::path &path) {
    PSECURITY_DESCRIPTOR descriptor = nullptr;
    std::wstring name = path.wstring();
    REQUIRE(::GetNamedSecurityInfoW(name.data(), SE_FILE_OBJECT, DACL_SECURITY_INFORMATION, nullptr, nullptr, nullptr,
                                    nullptr, &descriptor) == ERROR_SUCCESS);
    wchar_t *text = nullptr;
    REQUIRE(::ConvertSecurityDescriptorToStringSecurityDescriptorW(descriptor, SDDL_REVISION_1,
                                                                   DACL_SECURITY_INFORMATION, &text, nullptr));
    const std::wstring sddl(text);
    ::LocalFree(text);
    ::LocalFree(descriptor);
    REQUIRE(sddl.starts_with(L"D:"));
    for (const wchar_t *who : {L";WD)", L";AU)", L";BU)", L";BG)", L";AN)"})
        if (sddl.find(who) != std::wstring::npos) return true;
    return false;
}

} // namespace

TEST_CASE("a file is replaced whole, for its owner alone, with nothing left beside it") {
    const Folder folder;
    const fs::path file = folder / L"\u00e4\u20ac.json";
    REQUIRE(files::replace(file, "one", true));
    REQUIRE(files::replace(file, "two", false));
    CHECK(*files::read(file, 100) == "two");
    CHECK_FALSE(open_to_others(file));
    CHECK_FALSE(open_to_others(folder.path()));
    CHECK(std::distance(fs::directory_iterator(folder.path()), fs::directory_iterator()) == 1);
}

TEST_CASE("a file that somebody holds open stays as it is, with nothing left beside it, until it is closed") {
    const Folder folder;
    const fs::path file = folder / "f";
    REQUIRE(files::replace(file, "one", false));
    Handle somebody(::CreateFileW(file.c_str(), GENERIC_READ, FILE_SHARE_READ, nullptr, OPEN_EXISTING, 0, nullptr));
    REQUIRE(somebody);
    CHECK(files::replace(file, "two", false).error().code == Code::io);
    CHECK(*files::read(file, 100) == "one");
    CHECK_FALSE(fs::exists(folder / "f.new"));
    somebody = Handle();
    REQUIRE(files::replace(file, "three", false));
    CHECK(*files::read(file, 100) == "three");
}

TEST_CASE("reading stops at the limit, and says what is missing") {
    const Folder folder;
    REQUIRE(files::replace(folder / "f", "12345", false));
    CHECK(files::read(folder / "f", 4).error().code == Code::limit);
    CHECK(files::read(folder / "none", 4).error().code == Code::not_found);
    CHECK(files::make_private_folder(folder / "f").error().code == Code::io);
}

TEST_CASE("a lock is held by one at a time and given back") {
    const Folder folder;
    {
        const auto first = files::Lock::take(folder / "lock");
        REQUIRE(first);
        CHECK(files::Lock::take(folder / "lock").error().code == Code::full);
    }
    CHECK(files::Lock::take(folder / "lock"));
}

TEST_CASE("the clock since the start of the machine runs") {
    const auto before = since_boot_ms();
    REQUIRE(before > 0);
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::minutes(1);
    while (since_boot_ms() == before && std::chrono::steady_clock::now() < deadline) std::this_thread::yield();
    CHECK(since_boot_ms() > before);
}
