#include "supervisor/module_choice.hpp"

#include <doctest/doctest.h>

using namespace angod::supervisor;

namespace {

/// As the files are listed: by path. "1/b.so" is in the folder 1.
Candidate file(const std::string &source, const std::string &content, bool usable = true) {
    return {source, static_cast<std::size_t>(source[0] - '0'), content, usable, false};
}
Candidate unusable(const std::string &source) { return file(source, "bad", false); }
Candidate missing(Candidate file) {
    file.missing = true;
    return file;
}

std::string chosen(const std::vector<Candidate> &candidates, const std::optional<Serving> &serving = {}) {
    const Choice choice = choose(candidates, serving);
    CHECK(!(choice.hold && choice.file));
    return choice.hold ? "hold" : choice.file ? choice.file->source.string() : "none";
}

std::string duplicates(const std::vector<Candidate> &candidates, const std::optional<Serving> &serving = {}) {
    const Choice choice = choose(candidates, serving);
    std::string text = choice.original ? choice.original->source.string() + ":" : "";
    for (const Candidate *one : choice.duplicates) text += " " + one->source.string();
    return text;
}

} // namespace

TEST_CASE("of several folders the later one serves, in one folder the first file, or the one that serves already") {
    CHECK(chosen({}) == "none");
    CHECK(chosen({file("0/a.so", "v1"), file("1/a.so", "v2")}) == "1/a.so");
    CHECK(chosen({file("0/a.so", "v1"), file("1/a.so", "v2")}, Serving{"0/a.so", "v1"}) == "1/a.so");
    CHECK(chosen({file("0/a.so", "v1"), file("0/b.so", "v2")}) == "0/a.so");
    CHECK(chosen({file("0/a.so", "v1"), file("0/b.so", "v2")}, Serving{"0/b.so", "v2"}) == "0/b.so");
    CHECK(chosen({file("0/a.so", "v1"), file("0/b.so", "v3")}, Serving{"0/b.so", "v2"}) == "0/b.so");
}

TEST_CASE("the other files of a folder are duplicates; those of earlier folders are not, for they may serve one day") {
    CHECK(duplicates({file("0/a.so", "v1"), file("1/a.so", "v2"), file("1/b.so", "v3")}) == "1/a.so: 1/b.so");
    CHECK(duplicates({file("0/a.so", "v1"), file("0/b.so", "v1"), file("1/a.so", "v2")}) == "1/a.so:");
    CHECK(duplicates({file("0/a.so", "v1"), unusable("0/b.so")}) == "0/a.so:");
}

TEST_CASE("while what serves has its file, usable or not, no earlier folder takes over") {
    const Serving serving{"1/a.so", "v2"};
    CHECK(chosen({file("0/a.so", "v1"), unusable("1/a.so")}, serving) == "hold");
    CHECK(chosen({file("0/a.so", "v1"), unusable("1/a.so"), file("2/a.so", "v3")}, serving) == "2/a.so");
    CHECK(chosen({file("0/a.so", "v1")}, serving) == "0/a.so"); // it was taken away
    CHECK(chosen({file("0/a.so", "v1"), missing(file("1/a.so", "v2"))}, serving) == "1/a.so");
    CHECK(chosen({file("0/a.so", "v1"), missing(unusable("1/a.so"))}, serving) == "hold");
}

TEST_CASE("a duplicate does not take over from a file that has become unusable either") {
    const std::vector<Candidate> files{unusable("0/a.so"), file("0/b.so", "v0")};
    CHECK(chosen(files, Serving{"0/a.so", "v1"}) == "hold");
    CHECK(duplicates(files, Serving{"0/a.so", "v1"}) == "0/a.so: 0/b.so");
    CHECK(chosen(files) == "0/b.so"); // nothing can go on
}

TEST_CASE("a version that was rolled back to goes on while the last folder's files cannot be used") {
    // Its own file has been taken away: 1/a.so, which came after it, is quarantined.
    CHECK(chosen({file("0/a.so", "v1"), unusable("1/a.so")}, Serving{"1/old.so", "v2"}) == "hold");
    CHECK(chosen({unusable("1/a.so")}, Serving{"0/old.so", "v2"}) == "hold");
    CHECK(chosen({unusable("1/a.so"), file("1/b.so", "v4")}, Serving{"1/old.so", "v2"}) == "1/b.so");
    // It is an earlier folder's, whose file is still there: that one is followed.
    CHECK(chosen({file("0/a.so", "v1"), unusable("1/a.so")}, Serving{"0/a.so", "v1"}) == "0/a.so");
    CHECK(chosen({file("0/a.so", "v5"), unusable("1/a.so")}, Serving{"0/a.so", "v1"}) == "0/a.so");
}

TEST_CASE("where nothing can go on, an earlier folder is better than nothing") {
    CHECK(chosen({file("0/a.so", "v1"), unusable("1/a.so")}) == "0/a.so");
    CHECK(chosen({unusable("1/a.so")}) == "none");
}

TEST_CASE("the file of what serves is followed to its new name") {
    const Serving serving{"1/a.so", "v1"};
    CHECK(chosen({missing(file("1/a.so", "v1")), file("1/b.so", "v1")}, serving) == "1/b.so");
    CHECK(chosen({missing(file("1/a.so", "v1")), file("1/b.so", "v2")}, serving) == "1/a.so"); // it may come back
    CHECK(duplicates({missing(file("1/a.so", "v1")), file("1/b.so", "v2")}, serving) == "1/a.so:");
    CHECK(duplicates({missing(file("1/a.so", "v1")), file("1/b.so", "v1")}, Serving{"1/b.so", "v1"}) == "1/b.so:");
    CHECK(chosen({file("0/b.so", "v1"), missing(file("1/a.so", "v1"))}, serving) == "1/a.so");
    CHECK(chosen({file("1/a.so", "v1"), file("1/b.so", "v1")}, serving) == "1/a.so"); // a copy
}
