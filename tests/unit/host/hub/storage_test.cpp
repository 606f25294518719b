#include "host/hub/storage.hpp"
#include "printing.hpp"

#include <doctest/doctest.h>

using namespace angod;
using namespace angod::host;

namespace {

Storage storage(const char *record) { return read_storage(*json::parse(record)); }

} // namespace

TEST_CASE("a storage is understood in both descriptions of it") {
    CHECK(storage(R"({"_id":"s","provider":"AWS","region":"r","bucket":"b"})").provider == "AWS");
    CHECK(storage(R"({"type":"aws"})").provider == "AWS");
    CHECK(storage(R"({"type":"gcs"})").provider == "GCP");
    CHECK(storage(R"({"type":"azure","accountName":"a"})").account == "a");
    CHECK(storage(R"({})").provider.empty());
}

TEST_CASE("whatever looks like a key of a storage is a secret") {
    const Storage found =
        storage(R"({"name":"plain","publicKey":"pub","privateKey":"priv","credentials":{"accessKeyId":"id",
        "sasToken":"sas","list":[1]},"region":"eu"})");
    CHECK(found.secrets == std::vector<std::string>{"pub", "priv", "id", "sas"});
}

TEST_CASE("an object has the address that its provider gives it") {
    const auto aws = storage(R"({"provider":"AWS","region":"eu-west-1","bucket":"own"})");
    CHECK(object_url(aws, "b", "a b/ü+%.jpg").value() == "https://b.s3.eu-west-1.amazonaws.com/a%20b/%C3%BC%2B%25.jpg");
    CHECK(object_url(aws, "", "x").value() == "https://own.s3.eu-west-1.amazonaws.com/x");
    CHECK(object_url(storage(R"({"provider":"AWS"})"), "b", "x").value() == "https://b.s3.amazonaws.com/x");
    CHECK(object_url(storage(R"({"provider":"GCP"})"), "b", "d//x").value() == "https://storage.googleapis.com/b/d//x");
    CHECK(object_url(storage(R"({"provider":"AZURE","account":"acc"})"), "c", "x").value() ==
          "https://acc.blob.core.windows.net/c/x");
}

TEST_CASE("an address that cannot be known is an error, and nothing gets into a host name") {
    CHECK_FALSE(object_url(storage(R"({"provider":"AZURE"})"), "c", "x"));
    CHECK_FALSE(object_url(storage(R"({"provider":"FTP"})"), "c", "x"));
    CHECK_FALSE(object_url(storage(R"({"provider":"AWS"})"), "", "x"));
    CHECK_FALSE(object_url(storage(R"({"provider":"AWS"})"), "evil.test/", "x"));
    CHECK_FALSE(object_url(storage(R"({"provider":"AWS","region":"r/evil"})"), "b", "x"));
    CHECK_FALSE(object_url(storage(R"({"provider":"AZURE","account":"a#"})"), "c", "x"));
}
