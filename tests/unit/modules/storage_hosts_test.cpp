#include "common/storage_hosts.hpp"

#include <doctest/doctest.h>

using namespace ango::common;

TEST_CASE("a region is in its partition's domain") {
    CHECK(s3_host("eu-west-1") == "s3.eu-west-1.amazonaws.com");
    CHECK(s3_host("us-gov-west-1") == "s3.us-gov-west-1.amazonaws.com");
    CHECK(s3_host("cn-north-1") == "s3.cn-north-1.amazonaws.com.cn");
    CHECK(s3_host("us-iso-east-1") == "s3.us-iso-east-1.c2s.ic.gov");
    CHECK(s3_host("us-isob-east-1") == "s3.us-isob-east-1.sc2s.sgov.gov");
    CHECK(s3_host("") == "s3.amazonaws.com");
}

TEST_CASE("Azure needs a header in every cloud, and no other provider does") {
    for (const char *host :
         {"a.blob.core.windows.net", "a.blob.core.chinacloudapi.cn", "a.blob.core.usgovcloudapi.net"}) {
        REQUIRE(upload_headers(host).size() == 1);
        CHECK(upload_headers(host)[0].first == "x-ms-blob-type");
        CHECK(upload_headers(host)[0].second == "BlockBlob");
    }
    CHECK(upload_headers("b.s3.eu-west-1.amazonaws.com").empty());
    CHECK(upload_headers("blob.core.windows.net.example").empty());
}

TEST_CASE("a storage that misses a header is understood if the header is known") {
    CHECK(missing_headers("<Error><Code>MissingRequiredHeader</Code><HeaderName>x-ms-blob-type</HeaderName></Error>")
              .size() == 1);
    CHECK(missing_headers("<Error><Code>MissingRequiredHeader</Code><HeaderName>x-other</HeaderName></Error>").empty());
    CHECK(missing_headers("x-ms-blob-type").empty());
}

TEST_CASE("the name of a host of Amazon tells its region") {
    for (const char *host : {"b.s3-eu-central-1.amazonaws.com", "b.c.s3.eu-central-1.amazonaws.com",
                             "s3.dualstack.eu-central-1.amazonaws.com", "s3-eu-central-1.amazonaws.com"})
        CHECK_MESSAGE(s3_region_of(host) == "eu-central-1", host);
    CHECK(s3_region_of("b.s3.cn-north-1.amazonaws.com.cn") == "cn-north-1");
    for (const char *host : {"b.s3.amazonaws.com", "s3.eu-central-1.example.test", "as3.eu-central-1.amazonaws.com",
                             "s3.eu-central-1.amazonaws.com.evil.test", ""})
        CHECK_MESSAGE(s3_region_of(host) == "", host);
}

TEST_CASE("hosts of one store are told from foreign ones") {
    const std::pair<const char *, const char *> same[] = {
        {"127.0.0.1", "127.0.0.1"},
        {"S3.example.test", "s3.EXAMPLE.test"},
        {"store.example.test", "eu.store.example.test"},
        {"bucket.store.example.test", "store.example.test"},
        {"b.s3.us-east-1.amazonaws.com", "b.s3-eu-west-1.amazonaws.com"},
        {"b.s3.amazonaws.com", "s3.dualstack.eu-west-1.amazonaws.com"},
        {"s3.wasabisys.com", "s3.eu-central-1.wasabisys.com"},
        {"s3.us-west-000.backblazeb2.com", "s3.eu-central-003.backblazeb2.com"}};
    for (const auto &each : same)
        CHECK_MESSAGE(of_same_store(each.first, each.second), each.first << " and " << each.second);
    const std::pair<const char *, const char *> foreign[] = {
        {"127.0.0.1", "127.0.0.2"},
        {"10.0.0.1", "1.10.0.0.1"},
        {"::1", "::2"},
        {"localhost", "evil.localhost"},
        {"s3.example.test", "s3.evil.test"},
        {"s3.example.test", "example.test.evil.test"},
        {"s3.example.test", "notexample.test"},
        {"store.example.test", "other.example.test"},
        {"s3.test", "s3.evil.test"},
        {"b.s3.eu-west-1.amazonaws.com", "evil.amazonaws.com.test"},
        {"b.s3.eu-west-1.amazonaws.com", "ec2-1-2-3-4.compute-1.amazonaws.com"},
        {"s3.example.test", "evil.test/x.s3.example.test"},
        {"s3.example.test", "evil.test@s3.example.test"},
        {"", ""}};
    for (const auto &each : foreign)
        CHECK_MESSAGE(!of_same_store(each.first, each.second), each.first << " and " << each.second);
}
