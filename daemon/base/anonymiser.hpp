// Takes names, keys and contents out of messages, and leaves their form.
//
// Member names, numbers, true, false and null stay. A text becomes a placeholder that tells its kind and its length:
// "id-1[24]", "text-7[310]", "https://host-1/path-2.png?X-Amz-Date=…". Equal texts become equal placeholders, so that a reader sees
// where a value comes back. Words by which Hub tells kinds apart stay, such as "provider": "AWS". Of the texts only digests are kept.
#pragma once

#include "base/json.hpp"

#include <cstddef>
#include <string>
#include <string_view>
#include <unordered_map>

namespace angod {

/// One for all messages of a recording. Not thread-safe. Work and output are linear in the input; memory is bounded.
class Anonymiser {
public:
    /// Text that is no JSON, or is nested deeper than 64 levels, becomes one placeholder. The result is valid JSON.
    std::string message(std::string_view json);
    /// "/v2/project/PROJECT/assets?page=1": words stay, everything else becomes a placeholder.
    std::string path(std::string_view target);

private:
    struct Place {
        std::string_view member; ///< whose value it is; empty: of none
        bool of_users = false;   ///< inside of data that users name as they like
    };
    void write(const json::Value &value, Place place, std::string &out);
    std::string text(Place place, std::string_view text);
    std::string name(Place place, std::string_view name);
    std::string url(std::string_view text, std::size_t scheme_end);
    std::string query(std::string_view query);
    std::string placeholder(std::string_view kind, std::string_view text);

    std::unordered_map<std::string, std::string> known_;  ///< placeholders by kind and text
    std::unordered_map<std::string, std::size_t> counts_; ///< by kind
};

} // namespace angod
