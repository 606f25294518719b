// The XML is read into the texts of its innermost elements, each with its path. Answers that are not XML come from gateways and other
// stores: JSON, pages or plain text. Of these a few words are kept for the sentence that the user reads.
// Names and tokens stand percent-encoded if the store says so.
#include "explorer_s3/list_objects.hpp"

#include "common/json.hpp"
#include "common/percent.hpp"
#include "common/storage_hosts.hpp"
#include "common/text.hpp"

#include <expat.h>

#include <algorithm>
#include <charconv>
#include <memory>
#include <utility>

namespace ango::explorer_s3 {

namespace {

constexpr std::size_t kMaxDepth = 16, kMaxText = 1u << 20;

/// The texts of the innermost elements of an answer, by their path, such as "ListBucketResult/Contents/Key".
class Texts {
public:
    explicit Texts(std::string_view xml) : parser_(XML_ParserCreate(nullptr), XML_ParserFree) {
        if (!parser_) return;
        XML_SetUserData(parser_.get(), this);
        XML_SetElementHandler(parser_.get(), start, end);
        XML_SetCharacterDataHandler(parser_.get(), text);
        XML_SetStartDoctypeDeclHandler(parser_.get(), doctype);
        whole_ = XML_Parse(parser_.get(), xml.data(), static_cast<int>(xml.size()), 1) == XML_STATUS_OK;
    }

    bool whole() const { return whole_; }
    const std::vector<std::pair<std::string, std::string>> &all() const { return texts_; }
    std::string_view first(std::string_view path) const {
        for (const auto &[where, text] : texts_)
            if (where == path) return text;
        return {};
    }

private:
    void stop() { XML_StopParser(parser_.get(), XML_FALSE); }

    static void start(void *self, const char *name, const char **) {
        auto &texts = *static_cast<Texts *>(self);
        if (texts.ends_.size() == kMaxDepth) return texts.stop();
        texts.ends_.push_back(texts.path_.size());
        if (!texts.path_.empty()) texts.path_ += '/';
        texts.path_ += name;
        texts.text_.clear();
        texts.innermost_ = true;
    }
    static void end(void *self, const char *) {
        auto &texts = *static_cast<Texts *>(self);
        if (texts.innermost_) texts.texts_.emplace_back(texts.path_, texts.text_);
        texts.innermost_ = false;
        texts.path_.resize(texts.ends_.back());
        texts.ends_.pop_back();
    }
    static void text(void *self, const char *bytes, int size) {
        auto &texts = *static_cast<Texts *>(self);
        if (texts.text_.size() + static_cast<std::size_t>(size) > kMaxText) return texts.stop();
        texts.text_.append(bytes, static_cast<std::size_t>(size));
    }
    /// S3 sends no document type, and entities in one could expand a small answer without limit.
    static void doctype(void *self, const char *, const char *, const char *, int) {
        static_cast<Texts *>(self)->stop();
    }

    std::unique_ptr<XML_ParserStruct, decltype(&XML_ParserFree)> parser_;
    std::string path_, text_;
    std::vector<std::size_t> ends_; // lengths of path_, one for each open element
    std::vector<std::pair<std::string, std::string>> texts_;
    bool innermost_ = false, whole_ = false;
};

/// Amazon writes a blank as '+', other stores as %20. All of them write a plus as %2B.
std::string decoded(std::string text) {
    std::replace(text.begin(), text.end(), '+', ' ');
    return common::percent_decode(text);
}

bool is_true(std::string_view text) { return text == "true" || text == "True" || text == "TRUE" || text == "1"; }

std::string_view trimmed(std::string_view text) {
    constexpr std::string_view kBlanks = " \t\r\n";
    const std::size_t first = text.find_first_not_of(kBlanks);
    return first == text.npos ? std::string_view() : text.substr(first, text.find_last_not_of(kBlanks) - first + 1);
}

/// The message in JSON, which gateways name in several ways; empty if there is none.
std::string message_in(std::string_view text) {
    common::JsonParser parser;
    const common::Json *answer = parser.parse(text);
    for (const char *name : {"message", "Message", "error_description", "detail", "error"}) {
        const common::Json *found = common::find(answer, name);
        if (const auto said = common::text_of(found); !said.empty()) return std::string(said);
        if (const auto said = common::text_of(common::find(found, "message")); !said.empty()) return std::string(said);
    }
    return {};
}

/// The title of a page; empty if it has none.
std::string title_in(std::string_view page) {
    constexpr std::string_view kOpen = "<title>", kClose = "</title>";
    const std::string lower = common::ascii_lower(page);
    const std::size_t open = lower.find(kOpen);
    if (open == lower.npos) return {};
    const std::size_t begin = open + kOpen.size();
    return std::string(page.substr(begin, std::min(lower.find(kClose, begin), page.size()) - begin));
}

/// The words of an answer that is not XML of S3, in quotes.
std::string words_of(std::string_view answer) {
    constexpr std::size_t kMostRead = 64 * 1024, kLongest = 120;
    answer = trimmed(answer.substr(0, kMostRead));
    std::string said;
    if (answer.starts_with('{'))
        said = message_in(answer);
    else if (answer.starts_with('<'))
        said = title_in(answer);
    else
        said = answer;
    std::string_view line = trimmed(said);
    line = trimmed(line.substr(0, line.find_first_of("\r\n")));
    std::size_t end = std::min(line.size(), kLongest);
    while (end < line.size() && end > 0 && (static_cast<unsigned char>(line[end]) & 0xc0) == 0x80) --end;
    return line.empty() ? std::string() : common::quote(line.substr(0, end));
}

/// The number of entries that a page says it has, less those that it names. Some stores count no prefixes.
std::uint64_t missing_of(std::string_view count, std::uint64_t named) {
    std::uint64_t said = 0;
    const auto [end, failed] = std::from_chars(count.data(), count.data() + count.size(), said);
    return failed == std::errc() && said > named ? said - named : 0;
}

} // namespace

std::optional<ObjectPage> read_page(std::string_view xml) {
    const Texts texts(xml);
    if (!texts.whole() || texts.all().empty() || !texts.all().front().first.starts_with("ListBucketResult"))
        return std::nullopt;
    const bool encoded = texts.first("ListBucketResult/EncodingType") == "url";
    ObjectPage page;
    for (const auto &[path, text] : texts.all()) {
        if (path == "ListBucketResult/Contents/Key") page.keys.push_back(encoded ? decoded(text) : text);
        if (path == "ListBucketResult/CommonPrefixes/Prefix") page.prefixes.push_back(encoded ? decoded(text) : text);
    }
    page.missing = missing_of(texts.first("ListBucketResult/KeyCount"), page.keys.size() + page.prefixes.size());
    const std::string_view truncated = texts.first("ListBucketResult/IsTruncated");
    // A store that names a place to go on, and does not say that this is the end, has more.
    page.truncated =
        is_true(truncated) || (truncated.empty() && !texts.first("ListBucketResult/NextContinuationToken").empty());
    if (page.truncated) page.next = texts.first("ListBucketResult/NextContinuationToken");
    return page;
}

Refusal read_refusal(std::string_view answer) {
    const Texts texts(answer);
    std::string region(texts.first("Error/Region"));
    const std::string_view endpoint = texts.first("Error/Endpoint");
    if (region.empty()) region = common::s3_region_of(endpoint);
    Refusal out{std::string(texts.first("Error/Code")),
                std::string(texts.first("Error/Message")),
                std::move(region),
                std::string(endpoint),
                {}};
    if (out.code.empty() && out.message.empty()) out.words = words_of(answer);
    return out;
}

} // namespace ango::explorer_s3
