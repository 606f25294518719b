#include "host/import/import_chunk.hpp"

#include "host/import/recent_assets.hpp"

#include <doctest/doctest.h>

using namespace angod::host;

namespace {

NewAsset asset(std::string name, std::string data, std::string labels = "") {
    NewAsset out;
    out.external_id = std::move(name);
    out.data = std::move(data);
    out.labels = std::move(labels);
    return out;
}

} // namespace

TEST_CASE("equal assets are of one kind, and any number of each is sent") {
    ImportChunk chunk;
    chunk.add(asset("a", "1"));
    chunk.add(asset("b", "1"));
    chunk.add(asset("a", "1"));
    CHECK(chunk.size() == 3);
    CHECK(chunk.wanted() == ImportChunk::Counts{2, 1});
    CHECK(chunk.none() == ImportChunk::Counts{0, 0});
    CHECK(chunk.kind_of(fingerprint("b", "1")) == 1);
    CHECK_FALSE(chunk.kind_of(fingerprint("c", "1")));
    CHECK(chunk.import_json({1, 0}) == R"([{"data":"1","externalId":"a"}])");
    CHECK(chunk.import_json({0, 1}) == R"([{"data":"1","externalId":"b"}])");
    CHECK(chunk.import_json({0, 0}) == "[]");
    chunk.clear();
    CHECK(chunk.empty());
    CHECK(chunk.bytes() == 0);
}

TEST_CASE("only assets with labels are in an import of labels") {
    ImportChunk chunk;
    chunk.add(asset("a", "1", "{ }"));
    chunk.add(asset("b", "1"));
    CHECK(chunk.labelled() == 0);
    CHECK(chunk.labels_json().empty());
    chunk.add(asset("c", "1", R"({"objects":[]})"));
    CHECK(chunk.labelled() == 1);
    CHECK(chunk.labels_json() == R"([{"externalId":"c","objects":[]}])");
}

TEST_CASE("the query of an address does not change its fingerprint, and everything else does") {
    CHECK(fingerprint("a", "https://x/y?sig=1") == fingerprint("a", "https://x/y?sig=2"));
    CHECK(fingerprint("a", "text?1") != fingerprint("a", "text?2"));
    CHECK(fingerprint("ab", "c") != fingerprint("a", "bc"));
}

TEST_CASE("recent assets are forgotten by their time") {
    RecentAssets recent;
    recent.add(1'000, {1, 2});
    recent.add(2'000, {2, 3});
    recent.forget_before(1'000);
    CHECK(recent.contains(1));
    recent.forget_before(1'001);
    CHECK_FALSE(recent.contains(1));
    CHECK(recent.contains(2));
    recent.forget_before(3'000);
    CHECK_FALSE(recent.contains(2));
}
