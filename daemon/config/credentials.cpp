#include "config/credentials.hpp"

#include "base/plural.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string_view>

namespace angod::config {

namespace {

/// Hub's ids are those of its database, and its secrets are UUIDs.
constexpr std::size_t kIdLength = 24, kSecretLength = 36;

bool is_hex(char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'); }

bool is_hub_id(std::string_view id) { return id.size() == kIdLength && std::all_of(id.begin(), id.end(), is_hex); }

bool is_uuid(std::string_view text) {
    if (text.size() != kSecretLength) return false;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const bool dash = i == 8 || i == 13 || i == 18 || i == 23;
        if (dash ? text[i] != '-' : !is_hex(text[i])) return false;
    }
    return true;
}

/// In small letters, without what separates words.
std::string bare(std::string_view text) {
    std::string out;
    for (const char c : text)
        if (std::string_view(" -_<>[]{}$").find(c) == std::string_view::npos)
            out += c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    return out;
}

/// The text stands where somebody should have entered the value.
bool is_placeholder(std::string_view text) {
    static constexpr std::array<std::string_view, 22> kWords{
        "changeme", "changeit",     "replaceme", "todo",   "fixme",        "placeholder",     "example",  "id",
        "pluginid", "yourid",       "myid",      "secret", "pluginsecret", "yoursecret",      "mysecret", "thesecret",
        "password", "yourpluginid", "none",      "null",   "undefined",    "yourpluginsecret"};
    const std::string word = bare(text);
    if (std::find(kWords.begin(), kWords.end(), word) != kWords.end()) return true;
    return text.size() > 2 && std::all_of(word.begin(), word.end(), [&](char c) { return c == word.front(); });
}

void check_one(const Plugin &plugin, std::string_view what, std::string_view value, bool has_usual_shape,
               std::string_view usual, CredentialFindings &findings) {
    const auto say = [&](std::vector<std::string> &where, std::string_view how) {
        where.push_back(fmt::format("plugin {}: the {} {}", plugin.name, what, how));
    };
    if (value.empty()) return; // reported with its line
    if (std::any_of(value.begin(), value.end(), [](char c) { return c <= ' ' || c >= 0x7f; }))
        say(findings.problems,
            "has a character that is no letter, digit or sign of ASCII; copy it from the plugin's page in Hub again");
    else if (is_placeholder(value))
        say(findings.problems, "is a placeholder; enter the one that Hub shows for the plugin");
    else if (!has_usual_shape)
        say(findings.doubts,
            fmt::format("has {} character{} and another form than those of Hub, which {}; copy it from the "
                        "plugin's page in Hub again if the plugin does not become green",
                        value.size(), plural(value.size()), usual));
}

} // namespace

CredentialFindings check_credentials(const Plugin &plugin) {
    CredentialFindings findings;
    check_one(plugin, "id", plugin.id, is_hub_id(plugin.id), "have 24 hexadecimal digits", findings);
    check_one(plugin, "secret", plugin.secret, is_uuid(plugin.secret),
              "have 36 characters, such as 00000000-0000-0000-0000-000000000000", findings);
    if (!plugin.id.empty() && plugin.id == plugin.secret)
        findings.problems.push_back(fmt::format(
            "plugin {}: the id and the secret are equal; Hub shows both on the plugin's page", plugin.name));
    return findings;
}

} // namespace angod::config
