// The rules for proxies: how their URLs are read, and which proxy a URL gets.
//
// The environment of the process is replaced for a case where the rules come from it.
#include "base/proxy.hpp"
#include "printing.hpp"

#include <doctest/doctest.h>

#include <cstdlib>

using namespace angod;

namespace {

/// Sets variables of the environment and puts them back.
class Environment {
public:
    Environment() {
        for (const char *name : kNames) {
            const char *value = std::getenv(name);
            before_.emplace_back(value ? std::optional<std::string>(value) : std::nullopt);
            ::unsetenv(name);
        }
    }
    ~Environment() {
        for (std::size_t i = 0; i < before_.size(); ++i)
            before_[i] ? ::setenv(kNames[i], before_[i]->c_str(), 1) : ::unsetenv(kNames[i]);
    }
    void set(const char *name, const char *value) { ::setenv(name, value, 1); }

private:
    static constexpr const char *kNames[] = {"http_proxy",  "HTTP_PROXY", "https_proxy",
                                             "HTTPS_PROXY", "no_proxy",   "NO_PROXY"};
    std::vector<std::optional<std::string>> before_;
};

} // namespace

TEST_CASE("a proxy's URL is taken apart, its user name and password percent-decoded") {
    const auto proxy = parse_proxy("http://ann:p%40s%3As%25@Proxy.Example.test:3128/");
    REQUIRE(proxy);
    CHECK(proxy->host == "proxy.example.test");
    CHECK(proxy->port == 3128);
    CHECK(proxy->user == "ann");
    CHECK(proxy->password == "p@s:s%");
    CHECK(proxy->authority() == "proxy.example.test:3128");
    CHECK(parse_proxy("p.test")->authority() == "p.test:1080");
    CHECK(!parse_proxy("p.test")->has_credentials());
    CHECK(parse_proxy("HTTP://[::1]:8080")->authority() == "[::1]:8080");
    CHECK(parse_proxy("http://only@h:1")->user == "only");
    CHECK(parse_proxy("http://u:a@b@h:1")->password == "a@b");
}

TEST_CASE("what is no usable proxy is refused, and its password not repeated") {
    for (const char *bad : {"",
                            "http://",
                            "socks5://u:secret@h:1",
                            "https://u:secret@h:1",
                            "http://u:secret@",
                            "http://u:secret@h:0",
                            "http://u:secret@h:99999",
                            "http://u:secret@h:x",
                            "http://u:secret@[::1",
                            "http://u:secret@[::1]x",
                            "http://u:secret@h:1/path",
                            "http://u:secret%@h:1",
                            "http://u:secret%4@h:1",
                            "http://u:secret%zz@h:1",
                            "http://u%3av:secret@h:1",
                            "http://u:secret@h h:1",
                            "http://u:secret@h:1\r\n",
                            "http://u:sec/ret@h:1",
                            "http://u:secret@1:2:3",
                            "http://u:secret@h?x",
                            "http://u:secret@b\u00fcro.test:1"}) {
        const auto proxy = parse_proxy(bad);
        CHECK_MESSAGE(!proxy, bad);
        if (!proxy) CHECK_MESSAGE(proxy.error().text.find("secret") == std::string::npos, proxy.error().text);
    }
}

TEST_CASE("the proxy is chosen by the encryption of the URL") {
    const ProxyRules rules{"http://plain:1", "http://secure:2", "direct.test"};
    CHECK((*proxy_for(rules, *parse_url("wss://h.test")))->host == "secure");
    CHECK((*proxy_for(rules, *parse_url("https://h.test")))->port == 2);
    CHECK((*proxy_for(rules, *parse_url("ws://h.test")))->host == "plain");
    CHECK((*proxy_for(rules, *parse_url("http://h.test")))->port == 1);
    CHECK(!*proxy_for(rules, *parse_url("https://direct.test")));
    CHECK(!*proxy_for({}, *parse_url("https://h.test")));
    CHECK(!proxy_for({"", "socks5://x", ""}, *parse_url("https://h.test")));
}

TEST_CASE("the environment names proxies in small letters or, where that is missing, in capitals") {
    Environment environment;
    CHECK(proxies_of_environment().https.empty());
    environment.set("HTTPS_PROXY", "http://a:1");
    environment.set("HTTP_PROXY", "http://b:1");
    environment.set("NO_PROXY", "c.test");
    CHECK(proxies_of_environment().https == "http://a:1");
    CHECK(proxies_of_environment().http == "http://b:1");
    CHECK(proxies_of_environment().no_proxy == "c.test");
    environment.set("https_proxy", "http://d:1");
    environment.set("http_proxy", "");
    environment.set("no_proxy", " e.test\r\n"); // as a file of another system has it
    CHECK(proxies_of_environment().https == "http://d:1");
    CHECK(proxies_of_environment().http.empty());
    CHECK(proxies_of_environment().no_proxy == "e.test");
}

TEST_CASE("a refusal names the proxy and what to do, never the password") {
    const Proxy open = *parse_proxy("http://p.test:3128"), closed = *parse_proxy("http://ann:secret@p.test:3128");
    CHECK(proxy_refusal(open, 407).find("p.test:3128 wants a user name") != std::string::npos);
    CHECK(proxy_refusal(closed, 407).find("does not accept the user name and password") != std::string::npos);
    CHECK(proxy_refusal(open, 403).find("does not allow") != std::string::npos);
    CHECK(proxy_refusal(open, 502).find("could not reach it (HTTP 502)") != std::string::npos);
    CHECK(proxy_refusal(open, 418).find("(HTTP 418)") != std::string::npos);
    CHECK(proxy_refusal(open, 429).find("takes no more connections at this time (HTTP 429)") != std::string::npos);
    CHECK(proxy_refusal(open, 302).find("it may want a sign-in first, or be no proxy") != std::string::npos);
    for (const long status : {302, 403, 407, 418, 429, 502}) {
        CHECK(proxy_refusal(closed, status).find("secret") == std::string::npos);
        CHECK(proxy_refusal(closed, status).find("ann") == std::string::npos);
    }
}
