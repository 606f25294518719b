// A walk over the parsed message that writes it again. The kind of a text is decided by its looks alone: JSON inside of a text (the
// configuration of a run) is walked as well, an address keeps its scheme, the ending of its path and the names of its parameters.
//
// The numbers of placeholders are kept for the first ten thousand texts; later ones have no number.
#include "base/anonymiser.hpp"

#include "base/ids.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace angod {

namespace {

constexpr std::size_t kMostKnown = 10'000, kLongestWord = 40, kLongestEnding = 8;

/// Words of Hub, in any case of letters, and the members whose values they are.
constexpr std::string_view kWordMembers[] = {"provider", "type", "tool", "status", "level"};
constexpr std::string_view kWords[] = {"aws",           "s3",           "gcp",
                                       "gcs",           "azure",        "success",
                                       "fail",          "error",        "info",
                                       "warning",       "debug",        "todo",
                                       "completed",     "start",        "label",
                                       "review",        "consensus",    "logic",
                                       "plugin",        "webhook",      "hold",
                                       "complete",      "image",        "video",
                                       "text",          "bounding-box", "rotated-bounding-box",
                                       "polygon",       "polyline",     "segmentation",
                                       "brush",         "point",        "spline",
                                       "circle",        "ner",          "pdf",
                                       "message",       "radio",        "checkbox",
                                       "tree-dropdown", "one-to-one",   "group"};
constexpr std::string_view kSchemes[] = {"http", "https", "ws", "wss", "s3", "gs"};
/// Members whose values users name as they like, at every depth.
constexpr std::string_view kOfUsers[] = {"contextData", "metadata"};

bool contains(const auto &list, std::string_view name) {
    return std::find(std::begin(list), std::end(list), name) != std::end(list);
}

bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
bool is_digit(char c) { return c >= '0' && c <= '9'; }

/// A word as programs use it: letters, digits, and - _ . $ between them.
bool is_word(std::string_view text) {
    return !text.empty() && text.size() <= kLongestWord && (is_letter(text.front()) || text.front() == '_') &&
           std::all_of(text.begin(), text.end(), [](char c) {
               return is_letter(c) || is_digit(c) || c == '-' || c == '_' || c == '.' || c == '$';
           });
}

/// Hub's own names hold two digits at most, and ids hold many.
bool is_id(std::string_view text) { return std::count_if(text.begin(), text.end(), is_digit) > 2; }

bool is_word_of_hub(std::string_view text) {
    std::string lower(text);
    for (char &c : lower)
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + 32);
    return contains(kWords, lower);
}

/// A part of a path that names a call and no thing: "v2", "assets", "file-explorer".
bool is_part_of_call(std::string_view part) {
    const auto digits = std::count_if(part.begin(), part.end(), is_digit);
    return is_word(part) && digits <= 1 && part.find('.') == part.npos;
}

bool is_hex(std::string_view text) {
    return std::all_of(text.begin(), text.end(), [](char c) { return is_digit(c) || (c >= 'a' && c <= 'f'); });
}

} // namespace

std::string Anonymiser::placeholder(std::string_view kind, std::string_view text) {
    std::string digest = sha256(fmt::format("{}:{}", kind, text));
    const auto found = known_.find(digest);
    if (found != known_.end()) return found->second;
    if (known_.size() >= kMostKnown) return std::string(kind);
    std::string made = fmt::format("{}-{}", kind, ++counts_[std::string(kind)]);
    known_.emplace(std::move(digest), made);
    return made;
}

std::string Anonymiser::query(std::string_view query) {
    std::string out;
    while (!query.empty()) {
        const std::string_view one = query.substr(0, query.find('&'));
        query.remove_prefix(std::min(query.size(), one.size() + 1));
        const std::string_view name = one.substr(0, one.find('='));
        out += out.empty() ? "?" : "&";
        out += this->name({}, one.size() == name.size() ? std::string_view() : name);
        out += "=…";
    }
    return out;
}

std::string Anonymiser::url(std::string_view text, std::size_t scheme_end) {
    std::string_view rest = text.substr(scheme_end + 3);
    const std::string_view host = rest.substr(0, rest.find_first_of("/?#"));
    rest.remove_prefix(host.size());
    const std::string_view path = rest.substr(0, rest.find_first_of("?#"));
    std::string out = fmt::format("{}://{}", text.substr(0, scheme_end), placeholder("host", host));
    if (path.size() > 1) {
        out += "/" + placeholder("path", path);
        const std::string_view file = path.substr(path.rfind('/') + 1);
        const std::string_view ending = file.substr(std::min(file.size(), file.rfind('.')));
        if (ending.size() > 1 && ending.size() <= kLongestEnding && is_word(ending.substr(1))) out += ending;
    }
    const std::size_t asked = text.find('?');
    if (asked != text.npos) out += query(text.substr(asked + 1));
    return out;
}

std::string Anonymiser::name(Place place, std::string_view name) {
    return is_word(name) && !is_id(name) && !place.of_users ? std::string(name) : placeholder("name", name);
}

std::string Anonymiser::text(Place place, std::string_view text) {
    if (text.empty()) return {};
    if (!place.of_users && contains(kWordMembers, place.member) && is_word_of_hub(text)) return std::string(text);
    if (text.front() == '{' || text.front() == '[')
        if (const auto inside = json::parse(text)) {
            std::string out;
            write(*inside, place, out);
            return out;
        }
    const std::size_t scheme_end = text.find("://");
    if (scheme_end != text.npos && contains(kSchemes, text.substr(0, scheme_end))) return url(text, scheme_end);
    const char *kind = "text";
    if (text.size() == 24 && is_hex(text)) kind = "id";
    if (text.find('@') != text.npos && text.find(' ') == text.npos) kind = "mail";
    return fmt::format("{}[{}]", placeholder(kind, text), text.size());
}

/// The depth of value is that which the parser allows.
void Anonymiser::write(const json::Value &value, Place place, std::string &out) {
    if (value.IsString()) {
        out += json::quote(text(place, json::view(value)));
    } else if (value.IsObject()) {
        const bool of_users = place.of_users || contains(kOfUsers, place.member);
        out += '{';
        for (const auto &one : value.GetObject()) {
            const std::string_view member = json::view(one.name);
            if (out.back() != '{') out += ',';
            out += json::quote(name({place.member, of_users}, member)) + ":";
            write(one.value, {member, of_users}, out);
        }
        out += '}';
    } else if (value.IsArray()) {
        out += '[';
        for (const json::Value &one : value.GetArray()) {
            if (out.back() != '[') out += ',';
            write(one, place, out);
        }
        out += ']';
    } else {
        out += json::to_text(value);
    }
}

std::string Anonymiser::message(std::string_view text) {
    const auto parsed = json::parse(text);
    if (!parsed) return json::quote(fmt::format("{}[{}]", placeholder("text", text), text.size()));
    std::string out;
    write(*parsed, {}, out);
    return out;
}

std::string Anonymiser::path(std::string_view target) {
    const std::size_t asked = std::min(target.find('?'), target.size());
    std::string_view path = target.substr(0, asked);
    std::string out;
    while (!path.empty()) {
        path.remove_prefix(1); // the slash
        const std::string_view part = path.substr(0, path.find('/'));
        path.remove_prefix(part.size());
        out += '/';
        if (!part.empty()) out += is_part_of_call(part) ? std::string(part) : placeholder("id", part);
    }
    return asked < target.size() ? out + query(target.substr(asked + 1)) : out;
}

} // namespace angod
