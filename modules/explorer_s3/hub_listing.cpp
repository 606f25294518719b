#include "explorer_s3/hub_listing.hpp"

#include "common/json.hpp"
#include "common/percent.hpp"

#include <charconv>
#include <unordered_set>

namespace ango::explorer_s3 {

namespace {

using common::find;
using common::Json;
using common::percent_encode;
using common::text_of;

constexpr std::string_view kPlace = "hub:";
/// Long enough for the pages of an import, short enough for a person who waits for a new file.
constexpr std::chrono::seconds kKeep{30};

std::string_view first_text(const Json &object, std::initializer_list<const char *> names) {
    for (const char *name : names)
        if (const std::string_view text = text_of(find(&object, name)); !text.empty()) return text;
    return {};
}

const Json *first_list(const Json &object, std::initializer_list<const char *> names) {
    for (const char *name : names)
        if (const Json *list = find(&object, name); list && list->IsArray()) return list;
    return nullptr;
}

bool is_true(const Json *value) { return value && value->IsBool() && value->GetBool(); }

/// Collects entries into one level.
class Level {
public:
    explicit Level(std::string_view prefix) : prefix_(prefix) {}

    void add(const Json &entry, bool is_folder) {
        if (entry.IsString()) return add(text_of(&entry), is_folder, {});
        if (!entry.IsObject()) return;
        is_folder = is_folder || first_text(entry, {"type"}) == "folder" || is_true(find(&entry, "isFolder")) ||
                    is_true(find(&entry, "isDirectory"));
        const std::string_view url = first_text(entry, {"url", "signedUrl", "signedURL"});
        add(first_text(entry, {"key", "Key", "path", "fullPath", "prefix", "Prefix", "name"}), is_folder,
            url.substr(0, url.find_first_of("?#")));
    }
    HubFiles take() { return std::move(out_); }

private:
    void add(std::string_view name, bool is_folder, std::string_view url) {
        if (name.empty()) return;
        std::string key(name);
        if (!name.starts_with(prefix_)) key.insert(0, prefix_); // a name inside the folder
        const std::size_t slash = key.find('/', prefix_.size());
        if (key == prefix_) return; // consoles of providers make an empty object for the folder itself
        if (slash != key.npos) {
            key.resize(slash + 1);
            is_folder = true;
        } else if (is_folder) {
            key += '/';
        }
        if (!seen_.insert(key).second) return;
        if (is_folder)
            out_.folders.push_back(std::move(key));
        else
            out_.files.push_back({std::move(key), std::string(url)});
    }

    const std::string prefix_;
    std::unordered_set<std::string> seen_;
    HubFiles out_;
};

} // namespace

std::optional<HubFiles> read_hub_files(std::string_view answer, std::string_view prefix) {
    common::JsonParser parser;
    const Json *envelope = parser.parse(answer);
    const Json *data = find(envelope, "data");
    if (!data) return std::nullopt;
    const Json *files = data->IsArray() ? data : first_list(*data, {"files", "objects", "contents"});
    const Json *folders = first_list(*data, {"folders", "prefixes", "directories"});
    if (!files && !folders) return std::nullopt;
    Level level(prefix);
    if (folders)
        for (const Json &entry : folders->GetArray()) level.add(entry, true);
    if (files)
        for (const Json &entry : files->GetArray()) level.add(entry, false);
    HubFiles out = level.take();
    if (data->IsObject()) out.next = first_text(*data, {"scrollToken", "nextToken", "nextPageToken"});
    return out;
}

std::string HubPlace::text() const {
    return std::string(kPlace) + std::to_string(shown) + ":" + percent_encode(folder) + ":" + token;
}

std::optional<HubPlace> read_hub_place(std::string_view text) {
    if (!text.starts_with(kPlace)) return std::nullopt;
    text.remove_prefix(kPlace.size());
    HubPlace out;
    const char *const text_end = text.data() + text.size();
    const auto [end, failed] = std::from_chars(text.data(), text_end, out.shown);
    if (failed != std::errc() || end == text_end || *end != ':') return std::nullopt;
    text.remove_prefix(static_cast<std::size_t>(end - text.data()) + 1);
    const std::size_t colon = text.find(':');
    if (colon == text.npos) return std::nullopt;
    out.folder = common::percent_decode(text.substr(0, colon));
    out.token = text.substr(colon + 1);
    return out;
}

std::shared_ptr<const HubFiles> LastHubFiles::find(std::string_view key) const {
    const std::lock_guard lock(mutex_);
    return key_ == key && std::chrono::steady_clock::now() < until_ ? files_ : nullptr;
}

void LastHubFiles::keep(std::string key, std::shared_ptr<const HubFiles> files) {
    const std::lock_guard lock(mutex_);
    key_ = std::move(key);
    files_ = std::move(files);
    until_ = std::chrono::steady_clock::now() + kKeep;
}

std::string hub_files_path(std::string_view storage, std::string_view bucket, std::string_view prefix,
                           std::string_view token) {
    std::string path = "/v2/storages/" + percent_encode(storage) + "/files?bucketName=" + percent_encode(bucket) +
                       "&path=" + percent_encode(prefix) + "&getSignedUrls=true&retryOnSlowDown=true";
    if (!token.empty()) path += "&scrollToken=" + percent_encode(token);
    return path;
}

} // namespace ango::explorer_s3
