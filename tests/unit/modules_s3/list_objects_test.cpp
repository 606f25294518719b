#include "explorer_s3/list_objects.hpp"

#include <doctest/doctest.h>

#include <string>

using namespace ango::explorer_s3;

TEST_CASE("a page of a bucket is understood") {
    const auto page = read_page(R"(<?xml version="1.0" encoding="UTF-8"?>
<ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Name>b</Name><Prefix>p/</Prefix><IsTruncated>true</IsTruncated>
<NextContinuationToken>t&amp;1</NextContinuationToken><Contents><Key>p/a &lt;&#252;&gt;</Key><Size>1</Size><Owner><ID>x</ID></Owner></Contents>
<Contents><Key>p/b</Key></Contents><CommonPrefixes><Prefix>p/c/</Prefix></CommonPrefixes></ListBucketResult>)");
    REQUIRE(page);
    CHECK(page->keys == std::vector<std::string>{"p/a <ü>", "p/b"});
    CHECK(page->prefixes == std::vector<std::string>{"p/c/"});
    CHECK(page->next == "t&1");
}

TEST_CASE("names that came encoded are decoded, a plus as Amazon means it") {
    const auto page =
        read_page("<ListBucketResult><EncodingType>url</EncodingType><Contents><Key>a+b%20c%2B%C3%BC%</Key></Contents>"
                  "<CommonPrefixes><Prefix>%2F/</Prefix></CommonPrefixes></ListBucketResult>");
    REQUIRE(page);
    CHECK(page->keys.front() == "a b c+ü%");
    CHECK(page->prefixes.front() == "//");
    CHECK(page->next.empty());
}

TEST_CASE("the last page has no token, even where one is named") {
    CHECK(read_page("<ListBucketResult><IsTruncated>false</IsTruncated><NextContinuationToken>t</NextContinuationToken>"
                    "</ListBucketResult>")
              ->next.empty());
}

TEST_CASE("more follows if the store says so in any way, and entries that it only counts are missing") {
    const auto read = [](const std::string &inside) {
        return read_page("<ListBucketResult>" + inside +
                         "<Contents><Key>a</Key></Contents>"
                         "<CommonPrefixes><Prefix>b/</Prefix></CommonPrefixes></ListBucketResult>")
            .value();
    };
    for (const char *yes : {"true", "True", "TRUE", "1"}) {
        CHECK(read("<IsTruncated>" + std::string(yes) + "</IsTruncated>").truncated);
        CHECK(read("<IsTruncated>" + std::string(yes) + "</IsTruncated>").next.empty());
    }
    CHECK(read("<NextContinuationToken>t</NextContinuationToken>").next == "t");
    CHECK_FALSE(read("<NextContinuationToken></NextContinuationToken>").truncated);
    for (const char *count : {"0", "1", "2", "", "-1", "two"})
        CHECK(read("<KeyCount>" + std::string(count) + "</KeyCount>").missing == 0);
    CHECK(read("<KeyCount>1000</KeyCount>").missing == 998);
}

TEST_CASE("a text that is no page is not read as one") {
    std::string deep;
    for (int i = 0; i < 10'000; ++i) deep += "<a>";
    for (const std::string &xml :
         {std::string(), std::string("<html></html>"), std::string("<ListBucketResult>"), deep,
          std::string("<!DOCTYPE x [<!ENTITY e \"x\">]><ListBucketResult><Name>&e;</Name></ListBucketResult>")})
        CHECK_FALSE(read_page(xml));
}

TEST_CASE("a refusal may say where the bucket is") {
    CHECK(read_refusal("<Error><Code>AuthorizationHeaderMalformed</Code><Region>ap-south-1</Region></Error>").region ==
          "ap-south-1");
    for (const char *host : {"b.s3-eu-central-1.amazonaws.com", "b.c.s3.eu-central-1.amazonaws.com"})
        CHECK(read_refusal("<Error><Endpoint>" + std::string(host) + "</Endpoint></Error>").region == "eu-central-1");
    for (const char *host : {"b.s3.amazonaws.com", "s3.example.test", ""})
        CHECK(read_refusal("<Error><Endpoint>" + std::string(host) + "</Endpoint></Error>").region == "");
}

TEST_CASE("a refusal says its code and message") {
    const Refusal said = read_refusal("<Error><Code>NoSuchBucket</Code><Message>no</Message></Error>");
    CHECK(said.code == "NoSuchBucket");
    CHECK(said.message == "no");
    CHECK(said.endpoint.empty());
    CHECK(read_refusal("<Error><Endpoint>b.s3.example.test</Endpoint></Error>").endpoint == "b.s3.example.test");
    CHECK(read_refusal("nothing").code.empty());
    CHECK(said.words.empty());
}

TEST_CASE("an answer that is not XML says its words, in one bounded line in quotes") {
    const auto words = [](const std::string &answer) { return read_refusal(answer).words; };
    CHECK(words(" \nForbidden by policy 17\r\nmore") == "\"Forbidden by policy 17\"");
    for (const char *json : {R"({"message":"Token has run out"})", R"({"error":{"message":"Token has run out"}})",
                             R"({"error":"Token has run out","code":3})"})
        CHECK(words(json) == "\"Token has run out\"");
    CHECK(words("<!DOCTYPE html><html><TITLE>\n502 Bad Gateway</TITLE>") == "\"502 Bad Gateway\"");
    for (const char *nothing : {"", "  ", "{\"a\":1}", "{", "<html><p>x", "<title>"}) CHECK(words(nothing) == "");
    CHECK(words(std::string(5000, 'x')).size() == 122);
    CHECK(words("\x1b[31mred").find('\x1b') == std::string::npos);
    std::string wide;
    for (int i = 0; i < 200; ++i) wide += "\u00e4";
    CHECK(words("x" + wide).size() == 121); // no half of a character
}
