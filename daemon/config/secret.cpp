#include "config/secret.hpp"

#include "base/file_access.hpp"
#include "base/files.hpp"

#include <fmt/format.h>

#include <cstdlib>
#include <filesystem>

namespace angod::config {

namespace {

constexpr std::uint64_t kMaxSecret = 4096;

std::string without_blank_end(std::string text) {
    constexpr std::string_view kByteOrderMark = "\xef\xbb\xbf";
    while (text.starts_with(kByteOrderMark)) text.erase(0, kByteOrderMark.size());
    while (!text.empty() && (text.back() == '\n' || text.back() == '\r' || text.back() == ' ' || text.back() == '\t'))
        text.pop_back();
    return text;
}

std::string readable_by_others(std::string_view path) {
    return fmt::format(
        "{} can be read by every user of this machine; give it the mode 0640 and angod's group, or 0600 if "
        "angod owns it",
        path);
}

std::string from_file(Section &plugin, std::string_view key, const std::filesystem::path &path) {
    auto text = files::read(path, kMaxSecret);
    if (!text) {
        plugin.error(key, text.error().text);
        return "";
    }
    if (files::is_readable_by_others(path)) plugin.warning(key, readable_by_others(path.string()));
    std::string secret = without_blank_end(std::move(*text));
    if (secret.empty()) plugin.error(key, fmt::format("{} is empty", path.string()));
    plugin.check_visible(key, secret, false);
    return secret;
}

} // namespace

std::string read_secret(Section &plugin) {
    std::string secret, file, variable, credential;
    plugin.text("secret", secret);
    plugin.text("secret_file", file);
    plugin.text("secret_env", variable);
    plugin.text("secret_credential", credential);
    const int given =
        plugin.has("secret") + plugin.has("secret_file") + plugin.has("secret_env") + plugin.has("secret_credential");
    if (given != 1) {
        plugin.error("secret", "give exactly one of secret, secret_file, secret_env and secret_credential");
        return "";
    }
    if (!file.empty()) return from_file(plugin, "secret_file", file);
    if (!variable.empty()) {
        const char *value = std::getenv(variable.c_str());
        if (!value || !*value)
            plugin.error("secret_env", fmt::format("the environment variable {} is not set", variable));
        else
            plugin.check_visible("secret_env", value, false);
        return value ? value : "";
    }
    if (!credential.empty()) {
        const char *folder = std::getenv("CREDENTIALS_DIRECTORY");
        if (!folder) {
            plugin.error("secret_credential",
                         "there are no credentials: the service manager gave no CREDENTIALS_DIRECTORY");
            return "";
        }
        return from_file(plugin, "secret_credential", std::filesystem::path(folder) / credential);
    }
    if (secret.empty()) plugin.error("secret", "must not be empty");
    plugin.check_visible("secret", secret, false);
    if (!secret.empty() && files::is_readable_by_others(plugin.file()))
        plugin.warning("secret", readable_by_others(plugin.file()));
    return secret;
}

} // namespace angod::config
