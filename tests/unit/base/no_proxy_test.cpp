// The spellings of no_proxy that users of curl, Go and Python know, and the sentence for those that nobody understands.
#include "base/no_proxy.hpp"
#include "base/proxy.hpp"

#include <doctest/doctest.h>

#include <string>

using namespace angod;

namespace {

bool bypassed(const char *no_proxy, const char *url) { return bypasses_proxy(no_proxy, *parse_url(url)); }

} // namespace

TEST_CASE("a name in no_proxy stands for itself and its subdomains, however it is written") {
    for (const char *list : {"example.test", ".example.test", "*.example.test", "EXAMPLE.test.", "*.Example.Test.",
                             "other.test,example.test", "other.test example.test", " , ,\texample.test,",
                             "other.test;example.test", "other.test\nexample.test\r\n"}) {
        CHECK_MESSAGE(bypassed(list, "https://example.test"), list);
        CHECK_MESSAGE(bypassed(list, "https://api.Example.test:8443/x"), list);
        CHECK_MESSAGE(bypassed(list, "https://api.example.test./x"), list);
        CHECK_MESSAGE(!bypassed(list, "https://notexample.test"), list);
        CHECK_MESSAGE(!bypassed(list, "https://example.test.org"), list);
        CHECK_MESSAGE(no_proxy_fault(list).empty(), list);
    }
    CHECK(!bypassed("", "https://example.test"));
    CHECK(!bypassed(".", "https://example.test"));
    CHECK(!bypassed("le.test", "https://example.test"));
}

TEST_CASE("a star in no_proxy is everything, but only alone") {
    CHECK(bypassed("*", "https://example.test"));
    CHECK(bypassed("a.test,*", "https://[::1]"));
    CHECK(no_proxy_fault("*").empty());
    for (const char *other : {"*example.test", "ex*.test", "**", "*.", "192.168.*", "*.10.0.0.1"}) {
        CHECK_MESSAGE(!bypassed(other, "https://example.test"), other);
        CHECK_MESSAGE(!no_proxy_fault(other).empty(), other);
    }
}

TEST_CASE("a port in no_proxy means that port only") {
    CHECK(bypassed("example.test:8443", "https://api.example.test:8443"));
    CHECK(!bypassed("example.test:8443", "https://example.test"));
    CHECK(bypassed("example.test:443", "wss://example.test"));
    CHECK(bypassed(".example.test.:8443", "https://api.example.test:8443"));
    CHECK(bypassed("example.test:", "https://example.test:1"));
    CHECK(bypassed("127.0.0.1:81", "http://127.0.0.1:81"));
    CHECK(!bypassed("127.0.0.1:81", "http://127.0.0.1:82"));
    CHECK(bypassed("[::1]:81", "http://[::1]:81"));
    CHECK(!bypassed("[::1]:81", "http://[::1]:82"));
    CHECK(!bypassed("example.test:x", "https://example.test"));
}

TEST_CASE("addresses and networks in no_proxy match addresses, never names") {
    CHECK(bypassed("127.0.0.1", "http://127.0.0.1:5"));
    CHECK(!bypassed("127.0.0.1", "http://127.0.0.2"));
    CHECK(bypassed("::1", "http://[::1]"));
    CHECK(bypassed("[::1]", "http://[0:0::1]:8"));
    CHECK(bypassed("2001:DB8::A", "http://[2001:db8::a]"));
    CHECK(bypassed("10.0.0.0/8", "http://10.200.3.4"));
    CHECK(!bypassed("10.0.0.0/8", "http://11.0.0.1"));
    CHECK(bypassed("192.168.4.0/22", "http://192.168.7.255"));
    CHECK(!bypassed("192.168.4.0/22", "http://192.168.8.0"));
    CHECK(bypassed("192.168.0.7/32", "http://192.168.0.7"));
    CHECK(bypassed("0.0.0.0/0", "http://1.2.3.4"));
    CHECK(!bypassed("0.0.0.0/0", "http://[::1]"));
    CHECK(bypassed("fd00::/8", "http://[fd12::9]"));
    CHECK(bypassed("[fd00::]/8", "http://[fd12::9]"));
    CHECK(!bypassed("fd00::/8", "http://[fe80::9]"));
    CHECK(bypassed("2001:db8::/33", "http://[2001:db8:7fff::1]"));
    CHECK(!bypassed("2001:db8::/33", "http://[2001:db8:8000::1]"));
    CHECK(!bypassed("10.0.0.0/8", "http://ten.test"));
    CHECK(!bypassed("0.1", "http://10.0.0.1"));
}

TEST_CASE("an IPv4 address and its IPv6 form are one") {
    CHECK(bypassed("10.0.0.1", "http://[::ffff:10.0.0.1]"));
    CHECK(bypassed("::ffff:10.0.0.1", "http://10.0.0.1"));
    CHECK(bypassed("::ffff:10.0.0.0/104", "http://10.9.9.9"));
    CHECK(bypassed("10.0.0.0/8", "http://[::ffff:10.9.9.9]"));
    CHECK(!bypassed("::ffff:10.0.0.0/104", "http://11.0.0.1"));
}

TEST_CASE("addresses of this machine are not exempt of themselves") {
    CHECK(!bypassed("", "http://127.0.0.1"));
    CHECK(!bypassed("", "http://localhost"));
    CHECK(bypassed("localhost", "http://localhost:81"));
}

TEST_CASE("an entry that nobody understands counts for nothing and is named") {
    for (const char *entry : {"10.0.0.0/33",
                              "10.0.0.0/",
                              "10.0.0.0/x",
                              "10.0.0.0/-1",
                              "/8",
                              "::/129",
                              "[::1",
                              "[::1]x",
                              "0.0.1",
                              "10.",
                              "10.0.0",
                              "http://10.0.0.1",
                              "<local>",
                              "10.0.0.1|h.test",
                              "\"10.0.0.1",
                              "h.test:0",
                              "h.test:70000",
                              "h.test:x",
                              "[h.test]",
                              "b\u00fcro.test",
                              "a..test",
                              "..",
                              ":",
                              "10.0.0.1/8/9"}) {
        CHECK_MESSAGE(!bypassed(entry, "http://10.0.0.1"), entry);
        CHECK_MESSAGE(no_proxy_fault(entry).starts_with("the entry \"" + std::string(entry) + "\" is not understood"),
                      entry);
    }
    CHECK(no_proxy_fault("a.test,10.,<local>") ==
          "the entries \"10.\", \"<local>\" are not understood and count for nothing; an entry is a host name, which "
          "stands for its subdomains too, an address, a network such as 10.0.0.0/8, or * for everything");
    CHECK(no_proxy_fault("1. 2. 3. 4. 5. 6. 7.").find("\"5.\" and 2 more are") != std::string::npos);
    CHECK(no_proxy_fault("http://ann:secret@h.test").find("secret") == std::string::npos);
    CHECK(no_proxy_fault("\x1b[31m").find('\x1b') == std::string::npos);
    CHECK(no_proxy_fault("").empty());
}
