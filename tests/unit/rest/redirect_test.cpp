#include "rest/redirect.hpp"

#include <doctest/doctest.h>

using namespace angod;
using namespace angod::rest;

namespace {

Request request_to(const std::string &url) {
    Request request;
    request.url = url;
    request.headers = {{"Accept", "application/json"}};
    request.private_headers = {{"apikey", "secret"}};
    return request;
}

bool key_follows(const std::string &from, const std::string &to) {
    Request request = request_to(from);
    REQUIRE(follow_redirect(request, 302, to).has_value());
    CHECK(request.url == to);
    CHECK(request.headers.size() == 1);
    return !request.private_headers.empty();
}

} // namespace

TEST_CASE("the API key follows a redirect on the same host only") {
    CHECK(key_follows("https://hub.test/a", "https://hub.test/b"));
    CHECK(key_follows("https://hub.test/a", "https://HUB.test:443/b"));
    CHECK_FALSE(key_follows("https://hub.test/a", "https://other.test/b"));
    CHECK_FALSE(key_follows("https://hub.test/a", "https://sub.hub.test/b"));
    CHECK_FALSE(key_follows("https://hub.test/a", "https://hub.test:8443/b"));
    CHECK_FALSE(key_follows("http://hub.test/a", "https://hub.test/a"));
}

TEST_CASE("a redirect never leads out of https, nor to another protocol") {
    for (const char *to :
         {"http://hub.test/b", "ftp://hub.test/b", "file:///etc/passwd", "wss://hub.test/b", "nonsense"}) {
        Request request = request_to("https://hub.test/a?secret=1");
        const auto followed = follow_redirect(request, 302, to);
        REQUIRE_FALSE(followed.has_value());
        CHECK(followed.error().code == Code::protocol);
        CHECK(followed.error().text.find("secret") == std::string::npos);
    }
}

TEST_CASE("a redirect that would drop the content is not followed") {
    const auto refused = [](const char *method, long status, bool file) {
        Request request = request_to("https://hub.test/a");
        request.method = method;
        if (file)
            request.file = "/some/file";
        else
            request.body = "{}";
        const auto followed = follow_redirect(request, status, "https://store.test/b");
        return !followed && followed.error().code == Code::protocol;
    };
    CHECK(refused("PUT", 303, true));
    CHECK(refused("PUT", 303, false));
    CHECK_FALSE(refused("PUT", 301, true));
    for (const long status : {301, 302, 303}) CHECK(refused("POST", status, false));
    CHECK_FALSE(refused("POST", 307, false));
    CHECK_FALSE(refused("POST", 308, false));
    Request empty = request_to("https://hub.test/a");
    empty.method = "POST";
    CHECK(follow_redirect(empty, 303, "https://hub.test/b").has_value());
}

TEST_CASE("303 turns into a GET where the caller allows it, 307 keeps method and body") {
    Request request = request_to("https://hub.test/a");
    request.method = "POST";
    request.body = "{}";
    request.may_become_get = true;
    Request other = request;
    CHECK(follow_redirect(request, 303, "https://hub.test/b").has_value());
    CHECK(request.method == "GET");
    CHECK(request.body.empty());
    CHECK(follow_redirect(other, 307, "https://hub.test/b").has_value());
    CHECK(other.method == "POST");
    CHECK(other.body == "{}");
}

TEST_CASE("a request that is signed for S3 is signed anew for the address of a redirect") {
    Request request = request_to("https://s3.test/b/?list-type=2");
    request.s3 = {"us-east-1", "id", "secret"};
    CHECK(follow_redirect(request, 307, "https://b.s3.eu.test/?list-type=2").has_value());
    CHECK(request.s3.id == "id");
    CHECK(request.s3.secret == "secret");
    CHECK(request.s3.region == "us-east-1");
    CHECK(follow_redirect(request, 307, "https://b.s3.eu.test/?list-type=2", "eu-west-1").has_value());
    CHECK(request.s3.region == "eu-west-1");
}

TEST_CASE("the region of a redirect without one is that of its host") {
    Request request = request_to("https://b.s3.amazonaws.com/?list-type=2");
    request.s3 = {"us-east-1", "id", "secret"};
    CHECK(follow_redirect(request, 307, "https://b.s3-eu-west-3.amazonaws.com/?list-type=2").has_value());
    CHECK(request.s3.region == "eu-west-3");
}

TEST_CASE("a request is never signed for a host of another store") {
    Request request = request_to("https://s3.example.test/b/?list-type=2");
    request.s3 = {"us-east-1", "id", "secret"};
    CHECK(may_be_signed_for(request, "https://s3.eu.example.test/b/?list-type=2"));
    CHECK(may_be_signed_for(request, "http://s3.example.test:9000/b/?list-type=2"));
    CHECK_FALSE(may_be_signed_for(request, "https://s3.evil.test/b/?list-type=2"));
    CHECK_FALSE(may_be_signed_for(request, "https://s3.example.test.evil.test/b/"));
    CHECK_FALSE(follow_redirect(request, 307, "https://s3.example.test@evil.test/b/").has_value());
}

TEST_CASE("an upload that is redirected stays an upload") {
    Request request = request_to("https://s3.test/a");
    request.method = "PUT";
    request.file = "/tmp/x";
    request.file_size = 1;
    CHECK(follow_redirect(request, 307, "https://eu.s3.test/a").has_value());
    CHECK(request.method == "PUT");
    CHECK(request.file_size == 1);
}
