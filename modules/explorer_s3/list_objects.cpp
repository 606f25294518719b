#include "explorer_s3/list_objects.hpp"

#include "common/percent.hpp"
#include "common/storage_hosts.hpp"

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

Refusal read_refusal(std::string_view xml) {
    const Texts texts(xml);
    std::string region(texts.first("Error/Region"));
    const std::string_view endpoint = texts.first("Error/Endpoint");
    if (region.empty()) region = common::s3_region_of(endpoint);
    return {std::string(texts.first("Error/Code")), std::string(texts.first("Error/Message")), std::move(region),
            std::string(endpoint)};
}

} // namespace ango::explorer_s3
