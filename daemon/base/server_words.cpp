// An answer may be anything: JSON of Hub, XML of a storage, the page of a proxy, or bytes. Foreign text is redacted first and cut
// afterwards, because a cut in the middle of a secret would hide it from the search and show half of it.
#include "base/server_words.hpp"

#include "base/letter_case.hpp"
#include "base/printable.hpp"
#include "base/redact.hpp"
#include "base/utf8.hpp"

#include <algorithm>
#include <utility>

namespace angod {

namespace {

constexpr std::size_t kMaxQuoted = 300; // bytes of foreign text in one of our sentences
/// Elements of a page that explain it, the best one first. Storages have a Message.
constexpr std::string_view kTelling[] = {"title", "h1", "Message"};
constexpr std::pair<std::string_view, char> kEntities[] = {{"&amp;", '&'},  {"&lt;", '<'},   {"&gt;", '>'},
                                                           {"&quot;", '"'}, {"&#39;", '\''}, {"&nbsp;", ' '}};

/// Where `what` stands in text, in any case of letters.
std::size_t find_word(std::string_view text, std::string_view what, std::size_t from) {
    const auto same = [](char a, char b) { return ascii_lower(a) == ascii_lower(b); };
    const auto start = text.begin() + static_cast<std::ptrdiff_t>(std::min(from, text.size()));
    const auto at = std::search(start, text.end(), what.begin(), what.end(), same);
    return at == text.end() ? text.npos : static_cast<std::size_t>(at - text.begin());
}

/// The text inside of the first <name …>…</name>, or up to the end of a body that is cut; elements in it are left out.
std::string element_text(std::string_view body, std::string_view name) {
    const std::string open = "<" + std::string(name), close = "</" + std::string(name);
    std::size_t from = find_word(body, open, 0);
    while (from != body.npos && body.find_first_of(" \t\r\n>", from) != from + open.size())
        from = find_word(body, open, from + 1); // <titles> is another element
    if (from == body.npos) return {};
    from = body.find('>', from);
    if (from == body.npos) return {};
    const std::string_view inside = body.substr(from + 1, find_word(body, close, from) - from - 1);
    std::string out;
    bool in_tag = false;
    for (std::size_t i = 0; i < inside.size(); ++i) {
        const auto entity = std::find_if(std::begin(kEntities), std::end(kEntities),
                                         [&](const auto &one) { return inside.substr(i).starts_with(one.first); });
        if (inside[i] == '<' || (in_tag && inside[i] == '>'))
            in_tag = inside[i] == '<';
        else if (in_tag)
            continue;
        else if (entity == std::end(kEntities))
            out += inside[i];
        else {
            out += entity->second;
            i += entity->first.size() - 1;
        }
    }
    return out;
}

bool is_text(std::string_view content_type) {
    for (const std::string_view kind : {"image/", "audio/", "video/", "font/", "application/octet-stream"})
        if (content_type.starts_with(kind)) return false;
    return true;
}

} // namespace

std::string quote_foreign(std::string_view text, const std::vector<std::string> &secrets) {
    std::string clean = printable(redact(text, secrets));
    const std::size_t first = clean.find_first_not_of(' '), last = clean.find_last_not_of(' ');
    clean = first == std::string::npos ? "" : clean.substr(first, last - first + 1);
    if (clean.size() > kMaxQuoted) {
        clean.resize(beginning_of(clean, kMaxQuoted).size());
        clean += "…";
    }
    return clean;
}

std::string message_of(const json::Document &body) {
    for (const char *name : {"message", "error", "errors", "detail", "title", "data"}) {
        const json::Value *value = json::find(body, name);
        if (!value || value->IsNull()) continue;
        if (value->IsString() && value->GetStringLength() > 0) return std::string(json::view(*value));
        if (value->IsObject()) {
            if (std::string inner = json::text_or(*value, "message", ""); !inner.empty()) return inner;
            if (value->MemberCount() == 1 && value->HasMember("statusCode")) continue; // its meaning is told anyway
        }
        if ((value->IsObject() && !value->ObjectEmpty()) || (value->IsArray() && !value->Empty()))
            return json::to_text(*value);
    }
    return {};
}

bool looks_like_markup(std::string_view content_type, std::string_view body) {
    const std::size_t first = body.find_first_not_of(" \t\r\n\xef\xbb\xbf");
    return (first != std::string_view::npos && body[first] == '<') || content_type.find("html") != content_type.npos;
}

std::string words_of(std::string_view content_type, std::string_view body, const std::vector<std::string> &secrets) {
    if (!is_text(content_type) || body.find('\0') != body.npos) return {};
    if (looks_like_markup(content_type, body)) {
        for (const std::string_view name : kTelling)
            if (std::string words = quote_foreign(element_text(body, name), secrets); !words.empty()) return words;
        return {};
    }
    const auto document = json::parse(body);
    if (document && (document->IsObject() || document->IsString()))
        return quote_foreign(document->IsString() ? std::string(json::view(*document)) : message_of(*document),
                             secrets);
    const std::size_t first = body.find_first_not_of(" \t\r\n");
    if (first == body.npos) return {};
    return quote_foreign(body.substr(first, body.find_first_of("\r\n", first) - first), secrets);
}

} // namespace angod
