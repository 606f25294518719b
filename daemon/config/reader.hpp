// Reads checked values out of a configuration file, and collects all problems of the file.
#pragma once

#include "base/json.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace angod::config {

/// Each is one sentence with file, line and key.
struct Problems {
    std::vector<std::string> errors;
    std::vector<std::string> warnings;
};

/// One parsed file: its values and their places.
class File {
public:
    /// Syntax errors go to problems; then the result is empty.
    static std::optional<File> parse(std::string path, std::string_view text, Problems &problems);

    const json::Document &root() const { return root_; }
    const std::string &path() const { return path_; }
    void error(const std::string &key, std::string_view sentence, Problems &problems) const;
    void warning(const std::string &key, std::string_view sentence, Problems &problems) const;

private:
    std::string at(const std::string &key) const;
    std::string path_;
    json::Document root_;
    std::map<std::string, std::size_t> lines_; ///< key path ("plugins[0].name") → line
};

/// An object of the file while it is being read. A getter leaves its target as it is if the key is absent, and reports a wrong
/// type or value. finish() reports the keys that no getter asked for.
class Section {
public:
    /// value may be null: an absent object, of which every key is absent.
    Section(const File &file, std::string path, const json::Value *value, Problems &problems);

    bool has(std::string_view key) const;
    void text(std::string_view key, std::string &target);
    void required_text(std::string_view key, std::string &target);
    /// The same for a text that people copy and programs compare: it must hold no blank at its ends and no character that
    /// cannot be seen.
    void required_id(std::string_view key, std::string &target);
    /// Reports a value with a blank at its ends or a character that cannot be seen. show: the value may be in the message.
    void check_visible(std::string_view key, std::string_view value, bool show) const;
    void integer(std::string_view key, std::int64_t &target, std::int64_t least, std::int64_t most);
    void flag(std::string_view key, bool &target);
    /// One of the words.
    void choice(std::string_view key, std::string &target, const std::vector<std::string> &words);
    void texts(std::string_view key, std::vector<std::string> &target);
    /// An object whose values are texts.
    void text_map(std::string_view key, std::map<std::string, std::string> &target);
    /// An object of any content, as JSON text.
    void object_text(std::string_view key, std::string &target);
    Section section(std::string_view key);
    std::vector<Section> sections(std::string_view key);

    void error(std::string_view key, std::string_view sentence) const;
    void warning(std::string_view key, std::string_view sentence) const;
    /// The file in which the object stands.
    const std::string &file() const { return file_->path(); }
    /// Call once, after all getters.
    void finish() const;

private:
    const json::Value *get(std::string_view key);
    std::string path_of(std::string_view key) const;

    const File *file_;
    std::string path_;
    const json::Value *value_;
    Problems *problems_;
    std::vector<std::string> known_;
};

} // namespace angod::config
