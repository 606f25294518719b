#include "explorer_s3/object_store.hpp"

#include <ango/module.hpp>
#include <doctest/doctest.h>

using namespace ango::explorer_s3;

namespace {

constexpr const char *kStorage =
    R"({"_id":"1","name":"photos","provider":"AWS","bucket":"own","region":"eu-west-1","publicKey":"id","privateKey":"key"})";

std::string refusal(const StoreSettings &settings, std::string_view storage, std::string_view bucket) {
    try {
        open_store(settings, storage, bucket);
    } catch (const ango::Failure &failure) {
        return failure.user_text;
    }
    return "(none)";
}

} // namespace

TEST_CASE("a bucket is asked for where it is") {
    CHECK(open_store({}, kStorage, "").base == "https://own.s3.eu-west-1.amazonaws.com/");
    CHECK(open_store({}, kStorage, "b.dotted").base == "https://s3.eu-west-1.amazonaws.com/b.dotted/");
    CHECK(open_store({"https://s3.test:9000/", true}, kStorage, "b").base == "https://s3.test:9000/b/");
    CHECK(open_store({"https://s3.test:9000", false}, kStorage, "b").base == "https://b.s3.test:9000/");
}

TEST_CASE("addresses are escaped") {
    const ObjectStore store = open_store({}, kStorage, "b");
    CHECK(store.list_url("a b/ü", "t+/=", 50) == store.base + "?list-type=2&delimiter=%2F&encoding-type=url&max-keys="
                                                              "50&prefix=a%20b%2F%C3%BC&continuation-token=t%2B%2F%3D");
    CHECK(store.object_url("a b/c?.jpg") == store.base + "a%20b/c%3F.jpg");
}

TEST_CASE("keys may stand where the published description has them") {
    const ObjectStore store =
        open_store({}, R"({"type":"aws","bucket":"b","credentials":{"accessKeyId":"i","secretAccessKey":"s"}})", "");
    CHECK(store.key_id == "i");
    CHECK(store.region == "us-east-1");
    const ObjectStore text = open_store(
        {}, R"({"type":"aws","bucket":"b","credentials":"{\"accessKeyId\":\"i\",\"secretAccessKey\":\"s\"}"})", "");
    CHECK(text.key_id == "i");
    CHECK(text.secret == "s");
    CHECK_FALSE(open_store({}, R"({"type":"aws","bucket":"b","credentials":"{broken"})", "").readable());
}

TEST_CASE("a storage that is not at S3, or has no keys, is not read by the module") {
    CHECK(open_store({}, kStorage, "b").readable());
    CHECK_FALSE(open_store({}, R"({"_id":"7","provider":"GCP","publicKey":"i","privateKey":"s"})", "b").readable());
    CHECK_FALSE(open_store({}, R"({"_id":"7","provider":"AWS"})", "b").readable());
    CHECK(open_store({}, R"({"_id":"7","provider":"AWS"})", "b").id == "7");
}

TEST_CASE("the region that a store names goes before that of the storage") {
    CHECK(open_store({}, kStorage, "b", "eu-central-1").base == "https://b.s3.eu-central-1.amazonaws.com/");
}

TEST_CASE("a bucket that cannot be read is reported to the user, without keys") {
    CHECK(refusal({}, "null", "b").starts_with("No storage is chosen"));
    CHECK(refusal({}, kStorage, "b/../c").starts_with("The name of the bucket"));
    CHECK(refusal({"https://s3.test", true}, R"({"name":"g","provider":"GCP","publicKey":"i","privateKey":"s"})",
                  "b") == "(none)");
}
