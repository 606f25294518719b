#include "host/explorer/file_filter.hpp"

#include <doctest/doctest.h>

using namespace angod::host;

namespace {

FileOptions options(const char *config) { return read_file_options(config).value(); }

} // namespace

TEST_CASE("without options every file fits") {
    CHECK(options("{}").fits("a"));
    CHECK(options(R"({"accepted_extensions":[],"ignored_extensions":null,"other":1})").fits("a.b"));
    CHECK_FALSE(options("{}").subfolders);
}

TEST_CASE("extensions are compared without regard to case, with or without a dot") {
    const auto images = options(R"({"accepted_extensions":["JPG",".png",""]})");
    for (const char *key : {"a.jpg", "b/c.JPG", "d.Png", ".png"}) CHECK(images.fits(key));
    for (const char *key : {"a.jpeg", "jpg", "a.jpg/b", "a.png.txt"}) CHECK_FALSE(images.fits(key));
    CHECK(options(R"({"accepted_extensions":["tar.gz"]})").fits("x.tar.gz"));
}

TEST_CASE("ignored wins over accepted, in both spellings") {
    for (const char *config : {R"({"accepted_extensions":["gz"],"ignored_extensions":["tar.gz"]})",
                               R"({"accepted_extensions":["gz"],"ignored_extension":[".TAR.GZ"]})"}) {
        CHECK(options(config).fits("a.gz"));
        CHECK_FALSE(options(config).fits("a.tar.gz"));
    }
}

TEST_CASE("an option of another type is refused by name") {
    for (const char *config : {R"({"accepted_extensions":"jpg"})", R"({"ignored_extensions":[1]})",
                               R"({"upload_subfolders":"yes"})", R"({"prevent_duplicates":1})"})
        CHECK(read_file_options(config).error().text.starts_with("The option "));
}

TEST_CASE("blanks around an extension do not count") {
    CHECK(options("{\"accepted_extensions\":[\" .jpg\u00a0\",\" \"]}").fits("a.jpg"));
    CHECK_FALSE(options("{\"accepted_extensions\":[\" .jpg\u00a0\",\" \"]}").fits("a.png"));
}
