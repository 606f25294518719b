// A problem is reported with its line, but RapidJSON's values do not know their places. So the text is parsed twice: once into
// values, once with a handler that notes the line of each key path. A getter remembers its key, so that finish() can report all
// other keys and suggest the nearest known one.
#include "config/reader.hpp"

#include "base/nearest.hpp"
#include "common/names.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <rapidjson/memorystream.h>
#include <rapidjson/reader.h>

#include <algorithm>

namespace angod::config {

namespace {

constexpr std::string_view kByteOrderMark = "\xef\xbb\xbf";

/// Follows a parse and notes on which line the value of each key path stands.
class LineNotes : public rapidjson::BaseReaderHandler<rapidjson::UTF8<>, LineNotes> {
public:
    LineNotes(const rapidjson::MemoryStream &in, std::string_view text, std::map<std::string, std::size_t> &lines)
        : in_(in), text_(text), lines_(lines) {}

    bool Default() {
        note();
        return true;
    }
    bool Key(const char *s, rapidjson::SizeType n, bool) {
        levels_.back().key.assign(s, n);
        return true;
    }
    bool StartObject() { return open(false); }
    bool StartArray() { return open(true); }
    bool EndObject(rapidjson::SizeType) { return close(); }
    bool EndArray(rapidjson::SizeType) { return close(); }

private:
    struct Level {
        bool array;
        std::string prefix, key;
        std::size_t index = 0;
    };
    std::string path() const {
        if (levels_.empty()) return "";
        const Level &level = levels_.back();
        if (level.array) return fmt::format("{}[{}]", level.prefix, level.index);
        return level.prefix.empty() ? level.key : level.prefix + "." + level.key;
    }
    void note() {
        const std::size_t offset = std::min(in_.Tell(), text_.size());
        lines_[path()] = 1 + static_cast<std::size_t>(
                                 std::count(text_.begin(), text_.begin() + static_cast<std::ptrdiff_t>(offset), '\n'));
        if (!levels_.empty()) ++levels_.back().index;
    }
    bool open(bool array) {
        const std::string prefix = path();
        note();
        levels_.push_back({array, prefix, "", 0});
        return true;
    }
    bool close() {
        levels_.pop_back();
        return true;
    }
    const rapidjson::MemoryStream &in_;
    std::string_view text_;
    std::map<std::string, std::size_t> &lines_;
    std::vector<Level> levels_;
};

} // namespace

std::optional<File> File::parse(std::string path, std::string_view text, Problems &problems) {
    File file;
    file.path_ = std::move(path);
    if (text.starts_with("\xff\xfe") || text.starts_with("\xfe\xff")) {
        problems.errors.push_back(fmt::format("{}: it is UTF-16 text; save it as UTF-8", file.path_));
        return std::nullopt;
    }
    while (text.starts_with(kByteOrderMark)) text.remove_prefix(kByteOrderMark.size());
    auto root = json::parse(text, {.relaxed = true});
    if (!root) {
        problems.errors.push_back(fmt::format("{}: {}", file.path_, root.error().text));
        return std::nullopt;
    }
    file.root_ = std::move(*root);
    if (!file.root_.IsObject()) {
        problems.errors.push_back(fmt::format("{}: the configuration must be one JSON object", file.path_));
        return std::nullopt;
    }
    rapidjson::MemoryStream in(text.data(), text.size());
    LineNotes notes(in, text, file.lines_);
    rapidjson::Reader reader;
    reader.Parse<rapidjson::kParseIterativeFlag | rapidjson::kParseCommentsFlag | rapidjson::kParseTrailingCommasFlag>(
        in, notes);
    return file;
}

std::string File::at(const std::string &key) const {
    std::string visible; // a key of the file may hold anything
    ango::common::append_visible(visible, key);
    // A key that is absent stands on the line of the object that should have it.
    for (std::string known = key; !known.empty();
         known.resize(known.find_last_of(".[") == std::string::npos ? 0 : known.find_last_of(".[")))
        if (const auto line = lines_.find(known); line != lines_.end())
            return fmt::format("{}:{}: {}", path_, line->second, visible);
    return fmt::format("{}: {}", path_, visible);
}

void File::error(const std::string &key, std::string_view sentence, Problems &problems) const {
    problems.errors.push_back(fmt::format("{}: {}", at(key), sentence));
}

void File::warning(const std::string &key, std::string_view sentence, Problems &problems) const {
    problems.warnings.push_back(fmt::format("{}: {}", at(key), sentence));
}

Section::Section(const File &file, std::string path, const json::Value *value, Problems &problems)
    : file_(&file), path_(std::move(path)), value_(value), problems_(&problems) {
    if (value_ && !value_->IsObject()) {
        file_->error(path_, "must be an object", *problems_);
        value_ = nullptr;
    }
}

std::string Section::path_of(std::string_view key) const {
    return path_.empty() ? std::string(key) : fmt::format("{}.{}", path_, key);
}

bool Section::has(std::string_view key) const { return value_ && json::find(*value_, key); }

const json::Value *Section::get(std::string_view key) {
    known_.emplace_back(key);
    return value_ ? json::find(*value_, key) : nullptr;
}

void Section::error(std::string_view key, std::string_view sentence) const {
    file_->error(path_of(key), sentence, *problems_);
}

void Section::warning(std::string_view key, std::string_view sentence) const {
    file_->warning(path_of(key), sentence, *problems_);
}

void Section::text(std::string_view key, std::string &target) {
    const json::Value *value = get(key);
    if (!value) return;
    if (!value->IsString()) return error(key, "must be a text");
    target = json::view(*value);
}

void Section::required_text(std::string_view key, std::string &target) {
    text(key, target);
    if (!has(key))
        file_->error(path_.empty() ? std::string(key) : path_, fmt::format("\"{}\" is missing", key), *problems_);
    else if (json::find(*value_, key)->IsString() && target.empty())
        error(key, "must not be empty");
}

void Section::required_id(std::string_view key, std::string &target) {
    required_text(key, target);
    check_visible(key, target, true);
}

void Section::check_visible(std::string_view key, std::string_view value, bool show) const {
    std::string visible;
    ango::common::append_visible(visible, value);
    if (visible == value) return;
    error(key, fmt::format("has a blank at an end or a character that cannot be seen{}; remove it",
                           show ? fmt::format(": {}", json::quote(visible)) : ""));
}

void Section::integer(std::string_view key, std::int64_t &target, std::int64_t least, std::int64_t most) {
    const json::Value *value = get(key);
    if (!value) return;
    if (!value->IsInt64() || value->GetInt64() < least || value->GetInt64() > most)
        return error(key, fmt::format("must be a whole number from {} to {}", least, most));
    target = value->GetInt64();
}

void Section::flag(std::string_view key, bool &target) {
    const json::Value *value = get(key);
    if (!value) return;
    if (!value->IsBool()) return error(key, "must be true or false");
    target = value->GetBool();
}

void Section::choice(std::string_view key, std::string &target, const std::vector<std::string> &words) {
    const json::Value *value = get(key);
    if (!value) return;
    if (value->IsString() && std::find(words.begin(), words.end(), json::view(*value)) != words.end())
        target = json::view(*value);
    else
        error(key, fmt::format("must be one of: {}", fmt::join(words, ", ")));
}

void Section::texts(std::string_view key, std::vector<std::string> &target) {
    const json::Value *value = get(key);
    if (!value) return;
    bool good = value->IsArray();
    if (good)
        for (const auto &element : value->GetArray()) good = good && element.IsString();
    if (!good) return error(key, "must be a list of texts");
    target.clear();
    for (const auto &element : value->GetArray()) target.emplace_back(json::view(element));
}

void Section::text_map(std::string_view key, std::map<std::string, std::string> &target) {
    const json::Value *value = get(key);
    if (!value) return;
    if (!value->IsObject()) return error(key, "must be an object");
    target.clear();
    for (const auto &member : value->GetObject()) {
        if (member.value.IsString())
            target.emplace(json::view(member.name), json::view(member.value));
        else
            error(fmt::format("{}.{}", key, json::view(member.name)), "must be a text");
    }
}

void Section::object_text(std::string_view key, std::string &target) {
    const json::Value *value = get(key);
    if (!value) return;
    if (!value->IsObject()) return error(key, "must be an object");
    target = json::to_text(*value);
}

Section Section::section(std::string_view key) { return {*file_, path_of(key), get(key), *problems_}; }

std::vector<Section> Section::sections(std::string_view key) {
    std::vector<Section> out;
    const json::Value *value = get(key);
    if (!value) return out;
    if (!value->IsArray()) {
        error(key, "must be a list of objects");
        return out;
    }
    for (rapidjson::SizeType i = 0; i < value->Size(); ++i)
        out.emplace_back(*file_, fmt::format("{}[{}]", path_of(key), i), &(*value)[i], *problems_);
    return out;
}

void Section::finish() const {
    if (!value_) return;
    std::vector<std::string> seen;
    for (const auto &member : value_->GetObject()) {
        std::string key(json::view(member.name));
        if (std::find(seen.begin(), seen.end(), key) != seen.end()) error(key, "is there twice");
        seen.push_back(key);
        if (std::find(known_.begin(), known_.end(), key) != known_.end()) continue;
        const ango::common::NameIndex known(known_);
        if (const auto alike = known.find(key); alike && alike->difference) {
            error(key, fmt::format("unknown key; did you mean \"{}\"?{}", known_[alike->index],
                                   *alike->difference == ango::common::Difference::letter_case
                                       ? ""
                                       : " It differs only " + std::string(ango::common::said(*alike->difference))));
            continue;
        }
        const auto meant = nearest(key, known_);
        error(key, meant ? fmt::format("unknown key; did you mean \"{}\"?", *meant)
                         : fmt::format("unknown key; known here: {}", fmt::join(known_, ", ")));
    }
}

} // namespace angod::config
