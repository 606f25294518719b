// One asset record of an export, v3 or v2, as views into its JSON tree (formats.md 1.2, 1.3, 1.10).
#pragma once

#include "geometry.hpp"
#include "json.hpp"

#include <cstddef>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace ango::convert {

/// Names of members no converter knows, each once (1.1): they are ignored, but not in silence.
class UnknownMembers {
public:
    void met(std::string_view name);
    std::size_t count() const { return names_.size(); }
    /// The first few, comma-separated.
    std::string some() const;

private:
    static constexpr std::size_t kMost = 1000; // names come from the input
    std::set<std::string, std::less<>> names_;
};

enum class Review : std::uint8_t { kUnknown, kLabelled, kReviewed };

struct Task {
    std::string_view id;
    const Json *tools = nullptr; // array or null, as are the next two
    const Json *classifications = nullptr;
    const Json *relations = nullptr;
    std::string_view brush_url;       // of a PNG with all brush traces; a secret, it is signed
    bool skipped = false;             // v2: by its labeller
    Review review = Review::kUnknown; // unknown without history
};

/// Views are valid as long as the tree they were read from.
struct Record {
    std::string_view asset_url;     // or the text of an embedded markdown asset
    std::string_view external_id;   // not unique, may be empty
    const Json *metadata = nullptr; // object or null
    const Json *dataset = nullptr;  // non-empty array or null
    const Json *batches = nullptr;  // array or null; may hold nulls
    bool has_frames = false;        // metadata.frameTotal is a number > 0
    std::vector<Task> tasks;        // at least one

    /// What is wrong, as half a sentence, if this is no asset record; else nothing. Decides v3 or v2 by the
    /// record itself: "task" or "tasks", and in the task "tools" before "objects".
    std::optional<std::string> read(const Json &root, UnknownMembers &unknown);
};

/// metadata numbers: absent, null, 0 and text happen; only a finite value > 0 counts, also as numeric text (1.2).
std::optional<double> positive_number(const Json *value);

/// Width and height of metadata rounded to whole pixels; unknown unless both are there.
Size size_in_metadata(const Json *metadata);

} // namespace ango::convert
