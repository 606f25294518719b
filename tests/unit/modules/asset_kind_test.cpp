#include "common/asset_kind.hpp"

#include <doctest/doctest.h>

using namespace ango::common;

namespace {

AssetKind kind(std::string_view external_id, std::string_view url) {
    Record record;
    record.external_id = external_id;
    record.asset_url = url;
    return kind_of(record);
}

} // namespace

TEST_CASE("externalId is asked before the URL, whose query and fragment say nothing") {
    CHECK(kind("a.JPG", "https://x.test/a.pdf") == AssetKind::image);
    CHECK(kind("report", "https://x.test/a.pdf?name=b.jpg") == AssetKind::other);
    CHECK(kind("clip.MOV", "") == AssetKind::video);
    CHECK(kind("shot.0042", "https://x.test/v.mp4#t=1") == AssetKind::video);
    CHECK(kind("", "https://x.test/download") == AssetKind::image);
}

TEST_CASE("an extension is a short plain word after the last dot") {
    CHECK(extension_of("a.b.jpg") == ".jpg");
    CHECK(extension_of(".hidden").empty());
    CHECK(extension_of("no. 5").empty());
    CHECK(extension_of("a.").empty());
    CHECK(extension_of("a.abcdefghijk").empty());
}
