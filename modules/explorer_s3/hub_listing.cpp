// The members of Hub's answer have no documented names, so each usual name is looked for: of the lists, of an entry's name and address,
// of the token for more, of the word that there is more, and of the number of entries. The last three are claims: if one of them says
// that the list is a part, and no token says how it goes on, the list has a problem.
#include "explorer_s3/hub_listing.hpp"

#include "common/json.hpp"
#include "common/percent.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <string>
#include <unordered_set>

namespace ango::explorer_s3 {

namespace {

using common::find;
using common::Json;
using common::percent_encode;
using common::text_of;

constexpr std::string_view kPlace = "hub:", kPlaceWithLast = "hub2:";
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

/// All numbers of the parser are doubles.
std::optional<std::uint64_t> whole_number(const Json *value) {
    constexpr double kMost = 9e15;
    if (!value || !value->IsNumber()) return std::nullopt;
    const double number = value->GetDouble();
    return number >= 0 && number < kMost ? std::optional(static_cast<std::uint64_t>(number)) : std::nullopt;
}

/// Names of the token for the next page, and of the word that there is one: Hub's own, and those of the providers behind it.
constexpr std::array kTokens{
    "scrollToken", "nextToken",         "nextPageToken", "nextContinuationToken", "NextContinuationToken", "nextMarker",
    "NextMarker",  "continuationToken", "nextCursor"};
constexpr std::array kMore{"isTruncated", "IsTruncated", "truncated", "hasMore", "hasNextPage"};
constexpr std::array kTotals{"total", "totalCount", "KeyCount", "keyCount"};

/// Collects entries into one level.
class Level {
public:
    explicit Level(std::string_view prefix) : prefix_(prefix) {}

    void add(const Json &entry, bool is_folder) {
        if (entry.IsNull()) return;
        if (entry.IsString()) return add(text_of(&entry), is_folder, {});
        if (!entry.IsObject()) {
            ++unnamed_;
            return;
        }
        is_folder = is_folder || first_text(entry, {"type"}) == "folder" || is_true(find(&entry, "isFolder")) ||
                    is_true(find(&entry, "isDirectory"));
        const std::string_view url = first_text(entry, {"url", "signedUrl", "signedURL"});
        const std::string_view name = first_text(entry, {"key", "Key", "path", "fullPath", "prefix", "Prefix", "name"});
        if (name.empty()) ++unnamed_;
        add(name, is_folder, url.substr(0, url.find_first_of("?#")));
    }
    std::size_t unnamed() const { return unnamed_; }
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
    std::size_t unnamed_ = 0; ///< entries that cannot be shown
    HubFiles out_;
};

/// Reads the words of Hub about more files, in its data or around it. entries: the number of those that it sent.
void read_more(const Json &object, std::uint64_t entries, HubFiles &out) {
    if (!object.IsObject()) return;
    bool more = false;
    for (const char *name : kTokens) {
        const Json *token = find(&object, name);
        if (!token || token->IsNull() || (token->IsString() && token->GetStringLength() == 0) || !out.next.empty())
            continue;
        if (token->IsString())
            out.next = text_of(token);
        else if (const auto number = whole_number(token))
            out.next = std::to_string(*number);
        else if (!token->IsFalse())
            more = true;
    }
    for (const char *name : kMore) more = more || is_true(find(&object, name));
    if (!out.next.empty() || !out.problem.empty()) return;
    if (more) out.problem = "says that there are more, but not how to get them";
    for (const char *name : kTotals)
        if (const auto total = whole_number(find(&object, name)); total && *total > entries)
            out.problem = "has " + std::to_string(entries) + " of " + std::to_string(*total) +
                          " entries, and does not say how to get the others";
}

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
    const std::uint64_t entries = std::uint64_t{files ? files->Size() : 0} + (folders ? folders->Size() : 0);
    read_more(*data, entries, out);
    if (out.next.empty()) read_more(*envelope, entries, out);
    if (!out.next.empty()) out.problem.clear();
    if (level.unnamed() > 0)
        out.problem = "has " + std::to_string(level.unnamed()) + (level.unnamed() == 1 ? " entry" : " entries") +
                      " without a name";
    return out;
}

std::optional<std::size_t> HubFiles::behind(const HubPlace &place) const {
    if (place.last.empty()) return std::min(place.shown, size());
    if (place.shown > 0 && place.shown <= size() && name(place.shown - 1) == place.last) return place.shown;
    for (std::size_t at = 0; at < size(); ++at)
        if (name(at) == place.last) return at + 1;
    return std::nullopt;
}

std::string HubPlace::text() const {
    const std::string begin = std::to_string(shown) + ":" + percent_encode(folder) + ":";
    if (last.empty()) return std::string(kPlace) + begin + token;
    return std::string(kPlaceWithLast) + begin + percent_encode(last) + ":" + token;
}

std::optional<HubPlace> read_hub_place(std::string_view text) {
    const bool with_last = text.starts_with(kPlaceWithLast);
    if (!with_last && !text.starts_with(kPlace)) return std::nullopt;
    text.remove_prefix(with_last ? kPlaceWithLast.size() : kPlace.size());
    HubPlace out;
    const char *const text_end = text.data() + text.size();
    const auto [end, failed] = std::from_chars(text.data(), text_end, out.shown);
    if (failed != std::errc() || end == text_end || *end != ':') return std::nullopt;
    text.remove_prefix(static_cast<std::size_t>(end - text.data()) + 1);
    const std::size_t colon = text.find(':');
    if (colon == text.npos) return std::nullopt;
    out.folder = common::percent_decode(text.substr(0, colon));
    text.remove_prefix(colon + 1);
    if (with_last) {
        const std::size_t end_of_last = text.find(':');
        if (end_of_last == text.npos) return std::nullopt;
        out.last = common::percent_decode(text.substr(0, end_of_last));
        text.remove_prefix(end_of_last + 1);
    }
    out.token = text;
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
