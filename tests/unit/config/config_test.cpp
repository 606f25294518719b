// Whole configurations: files in a temporary folder, read by load(), with the values or the sentences that come out.
//
// Single values are the matter of reader_test, secret_test and listen_test.
#include "base/files.hpp"
#include "config/config.hpp"
#include "printing.hpp"
#include "temporary_folder.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <optional>

using namespace angod;
namespace fs = std::filesystem;

namespace {

config::Loaded load(const fs::path &folder, const std::string &text) {
    const fs::path file = folder / "angod.json";
    REQUIRE(files::replace(file, text, false));
    return config::load(file);
}

bool mentions(const std::vector<std::string> &sentences, const std::string &text) {
    return std::any_of(sentences.begin(), sentences.end(),
                       [&](const std::string &s) { return s.find(text) != std::string::npos; });
}

} // namespace

TEST_CASE("a full configuration is read, comments and trailing commas included") {
    const TemporaryFolder folder;
    const auto loaded = load(folder.path(), R"({
        // where Hub is
        "hub": { "url": "https://h.test", "api_url": "https://api.test/", },
        "module_dirs": ["/m"], "state_dir": "/s", "admin": {"socket": "/a.sock", "mode": "0600"},
        "log": {"level": "debug", "format": "json"}, "limits": {"max_hosts": 3, "asset_mb": 7},
        "drain_s": 5, "durability": "power", "retention_days": 2,
        "plugins": [{"name": "coco", "id": "i", "secret": "s", "module": "export-coco", "kind": "export", "concurrency": 4,
                     "start": "eager", "hub": {"url": "http://127.0.0.1:1"}, "env": {"A": "b"}, "settings": {"holes": "rle"}}],
    })");
    REQUIRE_MESSAGE(loaded.config, (loaded.errors.empty() ? "" : loaded.errors[0]));
    const auto &c = *loaded.config;
    CHECK(c.hub.api_url == "https://api.test");
    CHECK(c.admin.mode == 0600);
    CHECK(c.power_safe);
    CHECK(c.limits.asset_mb == 7);
    REQUIRE(c.plugins.size() == 1);
    CHECK(c.plugins[0].kind == PluginKind::export_);
    CHECK(c.plugins[0].eager);
    CHECK(c.plugins[0].hub.url == "http://127.0.0.1:1");
    CHECK(c.plugins[0].hub.api_url == "https://api.test"); // named for all plugins
    CHECK(c.plugins[0].settings == R"({"holes":"rle"})");
}

TEST_CASE("all mistakes are reported at once, each with file, line and key") {
    const TemporaryFolder folder;
    const auto loaded =
        load(folder.path(),
             "{\n\"state_dir\": \"relative\",\n\"drain_s\": \"x\",\n\"plugns\": [],\n\"log\": {\"level\": \"loud\"},\n"
             "\"plugins\": [{\"name\": \"a b\", \"id\": \"i\",\n\"secret\": \"s\"}]\n}");
    CHECK(!loaded.config);
    CHECK(mentions(loaded.errors, "angod.json:2: state_dir: must be an absolute path"));
    CHECK(mentions(loaded.errors, "angod.json:3: drain_s: must be a whole number from 0 to 3600"));
    CHECK(mentions(loaded.errors, "angod.json:4: plugns: unknown key; did you mean \"plugins\"?"));
    CHECK(mentions(loaded.errors, "angod.json:5: log.level: must be one of: debug, info, warning, warn, error"));
    CHECK(mentions(loaded.errors, "angod.json:6: plugins[0].name: must be"));
    CHECK(mentions(loaded.errors, "plugins[0]: \"module\" is missing"));
}

TEST_CASE("the folder of the copies of modules is no module folder, and the one beside it may be") {
    const TemporaryFolder folder;
    fs::create_directories(folder.path() / "state/staged/deep");
    fs::create_symlink(folder.path() / "state/staged", folder.path() / "link");
    const auto with = [&](const std::string &module_dir) {
        return load(folder.path(), R"({"state_dir": ")" + (folder.path() / "state").string() +
                                       R"(", "module_dirs": [")" + (folder.path() / module_dir).string() + R"("]})");
    };
    for (const char *bad : {"state/staged", "state/staged/", "state/./staged/deep", "state/staged/not-there", "link"})
        CHECK_MESSAGE(mentions(with(bad).errors, "module_dirs: "), bad);
    for (const char *good : {"state/modules", "state", "state/staged2", "elsewhere"})
        CHECK_MESSAGE(with(good).config, good);
    CHECK(load(folder.path(), "{}").config); // the default layout
}

TEST_CASE("a syntax error names its place") {
    const TemporaryFolder folder;
    const auto loaded = load(folder.path(), "{\n  \"hub\" 1 }");
    CHECK(!loaded.config);
    CHECK(mentions(loaded.errors, "line 2, column"));
}

TEST_CASE("plaintext to another machine is refused unless it is allowed beside the URL") {
    const TemporaryFolder folder;
    CHECK(mentions(load(folder.path(), R"({"hub": {"url": "http://h.test"}})").errors,
                   "hub.url: would send secrets unencrypted"));
    CHECK(load(folder.path(), R"({"hub": {"url": "http://h.test", "insecure": true}})").config);
    CHECK(load(folder.path(), R"({"hub": {"url": "http://localhost:1"}})").config);
}

TEST_CASE("names and ids of plugins are unique, over all files") {
    const TemporaryFolder folder;
    fs::create_directory(folder.path() / "d");
    REQUIRE(
        files::replace(folder.path() / "d/x.json", R"({"name": "a", "id": "i", "secret": "s", "module": "m"})", false));
    const auto loaded =
        load(folder.path(), R"({"plugin_dir": ")" + (folder.path() / "d").string() +
                                R"(", "plugins": [{"name": "a", "id": "i", "secret": "s", "module": "m"}]})");
    CHECK(mentions(loaded.errors, "x.json:1: name: \"a\" names another plugin already"));
    CHECK(mentions(loaded.errors, "x.json:1: id: is the id of plugin \"a\" already"));
}

TEST_CASE("a secret comes from a file, without its line end; one that everybody can read is warned of") {
    const TemporaryFolder folder;
    const fs::path secret = folder.path() / "secret";
    REQUIRE(files::replace(secret, "topsecret\n", false));
    const std::string text =
        R"({"plugins": [{"name": "a", "id": "i", "module": "m", "secret_file": ")" + secret.string() + R"("}]})";
    auto loaded = load(folder.path(), text);
    REQUIRE(loaded.config);
    CHECK(loaded.config->plugins[0].secret == "topsecret");
    CHECK(loaded.warnings.empty());
    fs::permissions(secret, fs::perms(0644));
    loaded = load(folder.path(), text);
    REQUIRE(loaded.config);
    CHECK(mentions(loaded.warnings, "can be read by every user"));
    CHECK(!mentions(loaded.warnings, "topsecret"));
    fs::remove(secret);
    CHECK(mentions(load(folder.path(), text).errors, "secret_file: cannot read"));
}

TEST_CASE("exactly one source of the secret is wanted") {
    const TemporaryFolder folder;
    CHECK(mentions(load(folder.path(), R"({"plugins": [{"name": "a", "id": "i", "module": "m"}]})").errors,
                   "exactly one of secret"));
    CHECK(mentions(load(folder.path(),
                        R"({"plugins": [{"name": "a", "id": "i", "module": "m", "secret": "s", "secret_env": "X"}]})")
                       .errors,
                   "exactly one of secret"));
}

TEST_CASE("hub.proxy is a URL, none, or left to the environment; a plugin has its own if it says so") {
    const TemporaryFolder folder;
    const std::string plugins =
        R"("plugins": [{"name": "a", "id": "1", "secret": "s", "module": "m"},
                       {"name": "b", "id": "2", "secret": "s", "module": "m", "hub": {"proxy": "none"}},
                       {"name": "c", "id": "3", "secret": "s", "module": "m", "hub": {"proxy": "http://c:3"}},
                       {"name": "d", "id": "4", "secret": "s", "module": "m", "hub": {"proxy": ""}}])";
    const char *before = std::getenv("https_proxy");
    const std::optional<std::string> kept = before ? std::optional<std::string>(before) : std::nullopt;
    ::setenv("https_proxy", "http://e:5", 1);
    const auto given = load(folder.path(), R"({"hub": {"proxy": "http://u:pw@g:1"}, )" + plugins + "}");
    const auto left = load(folder.path(), "{" + plugins + "}");
    ::setenv("https_proxy", "socks5://u:pw@e:5", 1);
    const auto bad = load(folder.path(), "{" + plugins + "}");
    const auto unused =
        load(folder.path(),
             R"({"hub": {"proxy": "none"}, "plugins": [{"name": "a", "id": "1", "secret": "s", "module": "m"}]})");
    if (kept)
        ::setenv("https_proxy", kept->c_str(), 1);
    else
        ::unsetenv("https_proxy");
    const auto https = [](const config::Loaded &loaded, std::size_t i) {
        REQUIRE_MESSAGE(loaded.config, (loaded.errors.empty() ? "" : loaded.errors[0]));
        return loaded.config->plugins[i].hub.proxies.https;
    };
    CHECK(https(given, 0) == "http://u:pw@g:1");
    CHECK(given.config->plugins[0].hub.proxies.http == "http://u:pw@g:1");
    CHECK(https(given, 1).empty());
    CHECK(https(given, 2) == "http://c:3");
    CHECK(https(given, 3) == "http://e:5");
    CHECK(https(left, 0) == "http://e:5");
    CHECK(!bad.config);
    CHECK(mentions(bad.errors, "the environment variable https_proxy: the proxy's URL does not begin with http://"));
    CHECK(!mentions(bad.errors, "pw"));
    CHECK(unused.config);
}

TEST_CASE("no_proxy of the configuration stands in place of the environment's, and a plugin's in place of both") {
    const TemporaryFolder folder;
    const auto loaded = load(folder.path(), R"({"hub": {"proxy": " http://g:1 ", "no_proxy": "a.test, 10.*"},
        "plugins": [{"name": "a", "id": "1", "secret": "s", "module": "m"},
                    {"name": "b", "id": "2", "secret": "s", "module": "m", "hub": {"proxy": "http://own:2"}},
                    {"name": "c", "id": "3", "secret": "s", "module": "m", "hub": {"no_proxy": "*"}},
                    {"name": "d", "id": "4", "secret": "s", "module": "m", "hub": {"proxy": "none"}}]})");
    REQUIRE(loaded.config);
    const auto &plugins = loaded.config->plugins;
    CHECK(plugins[0].hub.proxies.https == "http://g:1");
    CHECK(plugins[0].hub.proxies.no_proxy == "a.test, 10.*");
    CHECK(plugins[1].hub.proxies.https == "http://own:2");
    CHECK(plugins[1].hub.proxies.no_proxy == "a.test, 10.*");
    CHECK(plugins[2].hub.proxies.no_proxy == "*");
    CHECK(plugins[3].hub.proxies.https.empty());
    REQUIRE(loaded.warnings.size() == 1); // once, although several plugins use it
    CHECK(mentions(loaded.warnings, "angod.json:1: hub.no_proxy: the entry \"10.*\" is not understood"));
}

TEST_CASE("a file of authorities must hold a certificate in PEM form; its path becomes absolute") {
    const TemporaryFolder folder;
    const auto with = [&](const std::filesystem::path &file) {
        return load(folder.path(), "{\"hub\": {\"ca_file\": \"" + file.string() + "\"}}");
    };
    const auto der = folder.path() / "ca.der", pem = folder.path() / "ca.pem";
    std::ofstream(der) << "0\x82";
    std::ofstream(pem) << "-----BEGIN CERTIFICATE-----\n";
    const auto bad = with(der);
    CHECK(!bad.config);
    CHECK(
        mentions(bad.errors, "hub.ca_file: " + der.string() +
                                 " has no certificate in PEM form, which begins with \"-----BEGIN CERTIFICATE-----\"; "
                                 "convert another form with \"openssl x509 -inform der\""));
    const auto good = with(std::filesystem::relative(pem));
    REQUIRE(good.config);
    CHECK(std::filesystem::path(good.config->hub.ca_file).is_absolute());
    CHECK(std::filesystem::equivalent(good.config->hub.ca_file, pem));
}

TEST_CASE("a proxy that cannot be used is refused with file, line and key, without its password") {
    const TemporaryFolder folder;
    const auto loaded = load(folder.path(), "{\"hub\": {\n\"proxy\": \"socks5://u:pw@h:1\"},\n"
                                            "\"plugins\": [{\"name\": \"a\", \"id\": \"1\", \"secret\": \"s\", "
                                            "\"module\": \"m\",\n\"hub\": {\"proxy\": 3}}]}");
    CHECK(!loaded.config);
    CHECK(mentions(loaded.errors, "angod.json:2: hub.proxy: the proxy's URL does not begin with http://"));
    CHECK(mentions(loaded.errors, "angod.json:4: plugins[0].hub.proxy: must be a text"));
    CHECK(!mentions(loaded.errors, "pw"));
}

TEST_CASE("a plugin that Hub calls needs an address to listen on; the port may come from the environment") {
    const TemporaryFolder folder;
    const char *before = std::getenv("PORT");
    const std::optional<std::string> kept = before ? std::optional<std::string>(before) : std::nullopt;
    ::unsetenv("PORT");
    const std::string plugins =
        R"("plugins": [{"name": "a", "id": "1", "secret": "s", "module": "m", "connector": "rest"}])";
    const auto with = [&](const std::string &connector) {
        return load(folder.path(), "{" + connector + (connector.empty() ? "" : ", ") + plugins + "}");
    };
    const auto full = with(R"("connector": {"listen": "[::1]:8080", "hold_s": 7})");
    REQUIRE(full.config);
    CHECK(full.config->plugins[0].rest);
    CHECK(full.config->connector.address == "::1");
    CHECK(full.config->connector.port == 8080);
    CHECK(full.config->connector.hold_s == 7);
    CHECK(mentions(with("").errors, "connector.listen: names no port, nor does the environment variable PORT"));
    CHECK(mentions(with(R"("connector": {"listen": "127.0.0.1"})").errors, "connector.listen: names no port"));
    for (const char *wrong : {"localhost:80", ":80", "8080", "127.0.0.1:0", "127.0.0.1:65536", "127.0.0.1:", "::1",
                              "[::1", "[::1]x", "[127.0.0.1]:80", "127.0.0.1:80x"})
        CHECK_MESSAGE(mentions(with(R"("connector": {"listen": ")" + std::string(wrong) + "\"}").errors,
                               "angod.json:1: connector.listen: "),
                      wrong);
    ::setenv("PORT", "9090", 1);
    const auto serverless = with(""), named = with(R"("connector": {"listen": "127.0.0.1"})"),
               stated = with(R"("connector": {"listen": "127.0.0.1:8080"})");
    ::setenv("PORT", "none", 1);
    const auto bad = with("");
    if (kept)
        ::setenv("PORT", kept->c_str(), 1);
    else
        ::unsetenv("PORT");
    REQUIRE(serverless.config);
    CHECK(serverless.config->connector.address == "0.0.0.0");
    CHECK(serverless.config->connector.port == 9090);
    REQUIRE(named.config);
    CHECK(named.config->connector.address == "127.0.0.1");
    CHECK(named.config->connector.port == 9090);
    REQUIRE(stated.config);
    CHECK(stated.config->connector.port == 8080);
    CHECK(mentions(bad.errors, "connector.listen: the environment variable PORT is no port"));
}

TEST_CASE("nothing listens without a plugin that Hub calls, and that is said") {
    const TemporaryFolder folder;
    const auto loaded = load(folder.path(), R"({"connector": {"listen": "127.0.0.1:8080"}})");
    REQUIRE(loaded.config);
    CHECK(loaded.config->connector.address.empty());
    CHECK(mentions(loaded.warnings, "connector.listen: is not used"));
    CHECK(mentions(load(folder.path(), R"({"connector": {"listen": "x"}})").errors, "connector.listen: must be"));
}

TEST_CASE("plugins that Hub calls are told apart by their secrets, which therefore differ") {
    const TemporaryFolder folder;
    const auto two = [&](const std::string &first, const std::string &second) {
        return load(folder.path(),
                    R"({"connector": {"listen": "127.0.0.1:8080"}, "plugins": [
                        {"name": "a", "id": "1", "secret": "same-secret", "module": "m", "connector": ")" +
                        first +
                        R"("}, {"name": "b", "id": "2", "secret": "same-secret", "module": "m", "connector": ")" +
                        second + "\"}]}");
    };
    const auto same = two("rest", "rest");
    CHECK(mentions(same.errors, "plugins[1].connector: has the secret of plugin \"a\""));
    CHECK(!mentions(same.errors, "same-secret"));
    CHECK(two("rest", "ws").config);
    CHECK(mentions(two("ws", "http").errors, "plugins[1].connector: must be one of: ws, rest"));
}

TEST_CASE("how long Hub's calls are held can change while angod runs, where they arrive cannot") {
    config::Config now, next;
    now.connector = {"127.0.0.1", 8080, 50};
    next.connector = {"127.0.0.1", 8080, 20};
    CHECK(config::needs_restart(now, next).empty());
    next.connector.port = 8081;
    CHECK(config::needs_restart(now, next) == std::vector<std::string>{"connector"});
    config::take_over(now, next);
    CHECK(now.connector.hold_s == 20);
    CHECK(now.connector.port == 8080);
}

TEST_CASE("hub.url alone or hub.api_url alone is enough, everywhere and for one plugin") {
    const TemporaryFolder folder;
    const auto hub = [&](const std::string &text) {
        const auto loaded = load(folder.path(), R"({"hub": )" + text + "}");
        REQUIRE(loaded.config);
        return loaded.config->hub.url + " " + loaded.config->hub.api_url;
    };
    CHECK(hub(R"({"url": "https://eu-api.ango.ai/v2"})") == "https://eu-api.ango.ai https://eu-api.ango.ai");
    CHECK(hub(R"({"api_url": "https://eu-api.ango.ai/v2"})") == "https://eu-api.ango.ai https://eu-api.ango.ai");
    CHECK(hub(R"({"api_url": "https://imeritapi.ango.ai"})") ==
          "https://plugin.imerit.ango.ai https://imeritapi.ango.ai");
    CHECK(hub("{}") == "https://plugin.imerit.ango.ai https://imeritapi.ango.ai");
    CHECK(mentions(load(folder.path(), R"({"hub": {"url": "https://h.test/plugin"}})").errors,
                   "hub.url: must end with the host or port, but has the path /plugin"));
    CHECK(mentions(load(folder.path(), R"({"hub": {"api_url": "wss://h.test"}})").errors,
                   "hub.api_url: must begin with https://"));
    CHECK(mentions(load(folder.path(), R"({"hub": {"api_url": "no"}})").errors,
                   "hub.api_url: does not begin with https://; write https://HOST"));
}

TEST_CASE("a plugin's own address of Hub brings the other one with it, unless that is named for all plugins") {
    const TemporaryFolder folder;
    const auto hub = [&](const std::string &all, const std::string &own) {
        const auto loaded = load(folder.path(), R"({"hub": )" + all +
                                                    R"(, "plugins": [{"name": "p", "id": "i", "secret": "s", )"
                                                    R"("module": "m", "hub": )" +
                                                    own + "}]}");
        REQUIRE(loaded.config);
        return loaded.config->plugins[0].hub.url + " " + loaded.config->plugins[0].hub.api_url;
    };
    CHECK(hub("{}", R"({"url": "https://h.test"})") == "https://h.test https://h.test");
    CHECK(hub("{}", R"({"api_url": "https://h.test"})") == "https://h.test https://h.test");
    CHECK(hub(R"({"url": "https://all.test"})", R"({"api_url": "https://h.test"})") ==
          "https://all.test https://h.test");
    CHECK(hub(R"({"url": "https://all.test"})", R"({"url": "https://h.test"})") == "https://h.test https://h.test");
    CHECK(hub(R"({"api_url": "https://all.test"})", R"({"url": "https://h.test"})") ==
          "https://h.test https://all.test");
}
