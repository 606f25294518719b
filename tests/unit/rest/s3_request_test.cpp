#include "rest/s3_request.hpp"

#include "printing.hpp"
#include "rest/http_client.hpp"

#include <doctest/doctest.h>

using namespace angod::rest;

TEST_CASE("the query of a signed request is sorted, escaped, and has no name without =") {
    CHECK(s3_url("https://b.s3.test/?prefix=a/b c&list-type=2&delimiter=/&acl") ==
          "https://b.s3.test/?acl=&delimiter=%2F&list-type=2&prefix=a%2Fb%20c");
    CHECK(s3_url("https://b.s3.test/?a=2&a=1&A=3&a-=4") == "https://b.s3.test/?A=3&a=1&a=2&a-=4");
    CHECK(s3_url("https://b.s3.test/?b=x=y&&c") == "https://b.s3.test/?b=x%3Dy&c=");
}

TEST_CASE("what is escaped already is not escaped again, and + is a plus") {
    CHECK(s3_url("https://b.s3.test/a%20b/%c3%bc+~?x=%2f%2F+") == "https://b.s3.test/a%20b/%C3%BC%2B~?x=%2F%2F%2B");
    CHECK(s3_url("https://b.s3.test/100%/%zz") == "https://b.s3.test/100%25/%25zz");
}

TEST_CASE("path and authority stay what they are") {
    CHECK(s3_url("http://127.0.0.1:8080") == "http://127.0.0.1:8080/");
    CHECK(s3_url("http://127.0.0.1:8080?a") == "http://127.0.0.1:8080/?a=");
    CHECK(s3_url("https://s3.test/bucket//deep/./x/") == "https://s3.test/bucket//deep/./x/");
    CHECK(s3_url("https://s3.test/a#b?c") == "https://s3.test/a");
}

TEST_CASE("the hash is that of the body") {
    CHECK(s3_content_hash("") == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}

TEST_CASE("a region says who signs, and nothing else") {
    CHECK(s3_signature({"eu-central-1", "id", "secret"}).value() == "aws:amz:eu-central-1:s3");
    CHECK(s3_signature({"", "id", "secret"}).value() == "aws:amz:us-east-1:s3");
    CHECK_FALSE(s3_signature({"a:b", "id", "secret"}));
    CHECK_FALSE(s3_signature({"a\r\n", "id", "secret"}));
}

TEST_CASE("what only the headers of a refusal say is added to its body") {
    Response response;
    response.status = 307;
    response.headers = {{"Location", "https://b.s3-eu-west-1.amazonaws.com/?list-type=2&secret=1"},
                        {"x-amz-bucket-region", "eu-west-1"}};
    const std::string both = "<Region>eu-west-1</Region><Endpoint>b.s3-eu-west-1.amazonaws.com</Endpoint></Error>";
    CHECK(s3_explanation(response) == "<Error><Code>TemporaryRedirect</Code>" + both);
    response.body = "<html>";
    response.status = 301;
    CHECK(s3_explanation(response) == "<Error><Code>PermanentRedirect</Code>" + both);
    response.body = "<Error><Code>X</Code></Error>";
    CHECK(s3_explanation(response) == "<Error><Code>X</Code>" + both);
    response.body = "<Error><Region>r</Region><Endpoint>e</Endpoint></Error>";
    CHECK(s3_explanation(response) == response.body);
}

TEST_CASE("a body of a success, and headers that are no names, are left as they are") {
    Response response;
    response.headers = {{"x-amz-bucket-region", "a<b"}, {"Location", "nonsense"}};
    for (const long status : {200L, 301L, 403L, 503L}) {
        response.status = status;
        response.body = "<Error></Error>";
        CHECK(s3_explanation(response) == "<Error></Error>");
    }
    response.headers = {{"x-amz-bucket-region", "eu-west-1"}};
    response.status = 200;
    CHECK(s3_explanation(response) == "<Error></Error>");
    response.status = 400;
    response.body = "a page of a proxy";
    CHECK(s3_explanation(response) == "a page of a proxy");
    response.body = "";
    CHECK(s3_explanation(response) == "");
}
