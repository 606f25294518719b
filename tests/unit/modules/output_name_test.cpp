#include "common/output_name.hpp"

#include "common/text.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <string>
#include <vector>

using namespace ango::common;

namespace {

std::string clean(std::string_view name) { return clean_name(name, false); }

std::string next(OutputNames &names, std::string_view external_id, std::string_view task_id = "t",
                 std::optional<std::uint64_t> page = std::nullopt,
                 std::optional<std::string_view> label = std::nullopt) {
    bool changed = false;
    return names.unique(names.base(external_id, task_id), page, task_id, label, changed).full();
}

} // namespace

TEST_CASE("folders are joined, and parts that lead elsewhere vanish") {
    CHECK(clean("a/b/c.jpg") == "a_b_c.jpg");
    CHECK(clean("../..//./a\\b.jpg") == "a_b.jpg");
    CHECK(clean("C:\\dir\\a.jpg") == "dir_a.jpg");
    CHECK(clean("C:a.jpg") == "a.jpg");
    CHECK(clean("/etc/passwd") == "etc_passwd");
    CHECK(clean_name("/a/../b/./c", true) == "a/b/c");
}

TEST_CASE("characters no file system takes become underscores, and ? # % are no URL here") {
    CHECK(clean("a<b>c:d\"e|f?g*h\x01\x7F.jpg") == "a_b_c_d_e_f_g_h__.jpg");
    CHECK(clean("a#b%2Fc.jpg") == "a#b%2Fc.jpg");
    CHECK(clean("a\xFFz\xC3\xA9") == "a_z\xC3\xA9");
}

TEST_CASE("trailing dots and blanks go, device names get a prefix") {
    CHECK(clean("a. . /b. ") == "a_b");
    CHECK(clean("con") == "_con");
    CHECK(clean("x/NUL.txt") == "x__NUL.txt");
    CHECK(clean("LPT9 .tar.gz") == "_LPT9 .tar.gz");
    CHECK(clean("com0") == "com0");
    CHECK(clean("...") == "");
}

TEST_CASE("long names are cut at a character and told apart by a hash of the original") {
    const std::string shared(170, 'a');
    OutputNames names(false);
    const std::string one = next(names, shared + "xxxxxxxxxxx1.jpg");
    const std::string other = next(names, shared + "xxxxxxxxxxx2.jpg");
    CHECK(one != other);
    CHECK(one.size() == 160 + 1 + 8 + 4);
    CHECK(one.ends_with(".jpg"));
    const std::string accents = limit_name(
        "a" +
            [] {
                std::string s;
                for (int i = 0; i < 100; ++i) s += "\u00e9";
                return s;
            }(),
        "x");
    CHECK(accents.size() == 159 + 9); // 1 + 79 characters of two bytes
    CHECK(utf8_length(accents, 157) == 2);
    CHECK(limit_name(std::string(180, 'b'), "x").size() == 180);
}

TEST_CASE("names are unique without regard to case, by task id first and numbers then") {
    OutputNames names(false);
    CHECK(next(names, "a.jpg", "t1") == "a.jpg");
    CHECK(next(names, "A.JPG", "t2") == "A__t2.JPG");
    CHECK(next(names, "a.jpg", "t2") == "a__t2_2.jpg");
    CHECK(next(names, "a.jpg", "t2") == "a__t2_3.jpg");
    CHECK(next(names, "a.jpg", "") == "a_2.jpg");
    CHECK(next(names, "a.png", "t1") == "a.png");
}

TEST_CASE("a label extension replaces the image's, so names that differ in it only are the same") {
    OutputNames names(false);
    CHECK(next(names, "a.jpg", "t1", std::nullopt, ".txt") == "a.txt");
    CHECK(next(names, "a.png", "t2", std::nullopt, ".txt") == "a__t2.txt");
    CHECK(next(names, "a.b.c", "t3", std::nullopt, ".txt") == "a.b.txt");
    CHECK(next(names, "house no. 5", "t4", std::nullopt, ".txt") == "house no. 5.txt");
    CHECK(next(names, ".hidden", "t4", std::nullopt, ".txt") == ".hidden.txt");
}

TEST_CASE("pages are part of the name that must be unique") {
    OutputNames names(false);
    CHECK(next(names, "s_p000003.png") == "s_p000003.png");
    CHECK(next(names, "s.png", "t", 3) == "s__t_p000003.png");
    CHECK(next(names, "s.png", "t", 1234567) == "s_p1234567.png");
}

TEST_CASE("ten thousand equal names without a task id are numbered quickly and without a gap in uniqueness") {
    OutputNames names(false);
    std::vector<std::string> all;
    for (int i = 0; i < 10000; ++i) all.push_back(next(names, "same.jpg", ""));
    std::sort(all.begin(), all.end());
    CHECK(std::unique(all.begin(), all.end()) == all.end());
    CHECK(std::find(all.begin(), all.end(), "same_10000.jpg") != all.end());
}

TEST_CASE("only relative names below the root stay inside") {
    CHECK(stays_inside("a/b"));
    for (const char *bad : {"", "/a", "a/", "a//b", "..", "a/../b", "./a", "C:x", "a\\b"})
        CHECK_FALSE_MESSAGE(stays_inside(bad), bad);
}

TEST_CASE("every name stays inside") {
    for (const char *hostile : {"..", "../../x", "a/..", "\\\\server\\share", "C:\\..\\x", "....//", "/", "~/.ssh",
                                "a/\x01/..", " / . / .. "}) {
        for (const bool keep_dirs : {false, true}) {
            OutputNames names(keep_dirs);
            CHECK_MESSAGE(stays_inside(next(names, hostile)), hostile);
        }
    }
}

TEST_CASE("a set of hashes costs at most 16 bytes each") {
    HashSet set;
    for (std::uint64_t i = 0; i < 200000; ++i) {
        const std::uint64_t hash = stable_hash("name " + std::to_string(i));
        REQUIRE(set.insert(hash));
        if (i > 20000 && i % 1000 == 0) REQUIRE(set.bytes() <= 16 * set.size());
    }
    for (std::uint64_t i = 0; i < 200000; i += 97) CHECK_FALSE(set.insert(stable_hash("name " + std::to_string(i))));
    CHECK(set.insert(0));
    CHECK_FALSE(set.insert(0));
    CHECK_FALSE(set.contains(stable_hash("other")));
}

TEST_CASE("two Unicode forms of one name are one name on some file systems") {
    OutputNames names(false);
    CHECK(next(names, "caf\u00e9.png") == "caf\u00e9.png");
    CHECK(next(names, "cafe\u0301.png") != "cafe\u0301.png");
}
