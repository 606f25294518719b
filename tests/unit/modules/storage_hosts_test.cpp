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
