// The tags of a page, read independently of the modules that write pages: what a browser would make elements of. It follows
// the states of the HTML standard's tokenizer for tags, attributes, comments and raw text.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace html {

struct Tag {
    std::string name; ///< in lower case; "/name" of an end tag, "!" of a comment
    std::vector<std::pair<std::string, std::string>> attributes; ///< in order, with values as they are written
};

struct Page {
    std::vector<Tag> tags;
    std::string text;     ///< outside of tags
    bool cut_off = false; ///< it ends inside of a tag or a comment
};

inline char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; }
inline bool is_space(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\f' || c == '\r'; }

inline std::string lower(std::string_view text) {
    std::string out;
    for (const char c : text) out += lower(c);
    return out;
}

class Reader {
public:
    explicit Reader(std::string_view text) : text_(text) {}

    Page read() {
        while (at_ < text_.size()) {
            if (text_[at_] != '<' || !markup()) page_.text += text_[at_++];
        }
        return std::move(page_);
    }

private:
    char look(std::size_t ahead = 0) const { return at_ + ahead < text_.size() ? text_[at_ + ahead] : '\0'; }
    bool ended() const { return at_ >= text_.size(); }
    static bool letter(char c) { return lower(c) >= 'a' && lower(c) <= 'z'; }

    bool skip_behind(std::string_view end) {
        const std::size_t found = text_.find(end, at_);
        page_.cut_off = page_.cut_off || found == std::string_view::npos;
        at_ = found == std::string_view::npos ? text_.size() : found + end.size();
        return true;
    }

    /// At a '<'. False if it is text.
    bool markup() {
        if (text_.substr(at_, 4) == "<!--") {
            page_.tags.push_back({"!", {}});
            at_ += 4;
            return skip_behind("-->");
        }
        const char next = look(1);
        if (next == '!' || next == '?' || (next == '/' && !letter(look(2)) && look(2) != '\0')) {
            page_.tags.push_back({"!", {}});
            return skip_behind(">");
        }
        if (next == '/' ? !letter(look(2)) : !letter(next)) return false;
        Tag tag;
        ++at_;
        if (look() == '/') tag.name += text_[at_++];
        while (!ended() && !is_space(look()) && look() != '/' && look() != '>') tag.name += lower(text_[at_++]);
        while (attribute(tag)) {
        }
        page_.cut_off = page_.cut_off || ended();
        if (!ended()) ++at_;
        const std::string name = tag.name;
        page_.tags.push_back(std::move(tag));
        if (name == "script" || name == "style") {
            const std::string all = lower(text_.substr(at_));
            const std::size_t end = all.find("</" + name);
            at_ = end == std::string::npos ? text_.size() : at_ + end;
        }
        return true;
    }

    bool attribute(Tag &tag) {
        while (is_space(look()) || look() == '/') ++at_;
        if (ended() || look() == '>') return false;
        std::string name(1, lower(text_[at_++])), value;
        while (!ended() && !is_space(look()) && look() != '/' && look() != '>' && look() != '=')
            name += lower(text_[at_++]);
        const std::size_t behind_name = at_;
        while (is_space(look())) ++at_;
        if (look() != '=') {
            at_ = behind_name;
        } else {
            ++at_;
            while (is_space(look())) ++at_;
            const char quote = look() == '"' || look() == '\'' ? text_[at_++] : '\0';
            while (!ended() && (quote ? look() != quote : !is_space(look()) && look() != '>')) value += text_[at_++];
            if (quote && !ended()) ++at_;
        }
        tag.attributes.emplace_back(std::move(name), std::move(value));
        return true;
    }

    std::string_view text_;
    std::size_t at_ = 0;
    Page page_;
};

inline Page read(std::string_view text) { return Reader(text).read(); }

/// The names of all tags and attributes: "div[class] img[src,alt] /div". Line breaks without attributes are left out.
inline std::string structure(const Page &page) {
    std::string out = page.cut_off ? "cut off: " : "";
    for (const Tag &tag : page.tags) {
        if (tag.name == "br" && tag.attributes.empty()) continue;
        out += (out.empty() ? "" : " ") + tag.name;
        std::string names;
        for (const auto &[name, value] : tag.attributes) names += (names.empty() ? "[" : ",") + name;
        out += names.empty() ? "" : names + "]";
    }
    return out;
}

/// Whether a browser takes the value of an attribute for an address that runs a script, or shows a page of its own.
inline bool is_active_address(std::string_view value) {
    std::string plain;
    for (std::size_t at = 0; at < value.size(); ++at) {
        if (static_cast<unsigned char>(value[at]) <= ' ') continue; // browsers leave out controls and blanks
        plain += lower(value[at]);
    }
    return plain.starts_with("javascript:") || plain.starts_with("vbscript:") || plain.starts_with("data:text") ||
           plain.starts_with("data:,") || plain.starts_with("data:image/svg");
}

} // namespace html
