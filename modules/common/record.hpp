// One asset record of an export, v3 or v2, as views into its JSON tree (modules/FORMATS.md 1.2, 1.3, 1.10).
#pragma once

#include "common/geometry.hpp"
#include "common/json.hpp"

#include <cstddef>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace ango::common {

/// Names of members that no converter knows, each once (FORMATS.md 1.1). They are ignored, but reported.
class UnknownMembers {
public:
    void met(std::string_view name);
    std::size_t count() const { return names_.size(); }
    /// The first few names, separated by commas.
    std::string some() const;

private:
    static constexpr std::size_t kMost = 1000; // names come from the input
    std::set<std::string, std::less<>> names_;
};

enum class Review : std::uint8_t { unknown, labelled, reviewed };

struct Task {
    std::string_view id;
    const Json *tools = nullptr; // array or null, as are the next two
    const Json *classifications = nullptr;
    const Json *relations = nullptr;
    std::string_view brush_url;      // of a PNG with all brush traces; signed, so it is a secret
    bool skipped = false;            // v2: the labeller skipped it
    Review review = Review::unknown; // unknown without a history
};

/// Views are valid as long as the tree that they were read from.
struct Record {
    std::string_view asset_url;     // or the text of a markdown asset
    std::string_view external_id;   // not unique, may be empty
    const Json *metadata = nullptr; // object or null
    const Json *dataset = nullptr;  // non-empty array or null
    const Json *batches = nullptr;  // array or null; may hold nulls
    bool has_frames = false;        // metadata.frameTotal is a number > 0
    std::vector<Task> tasks;        // at least one

    /// Nothing, or the problem as the end of a sentence ("has no task"). Each record tells by itself whether it is v3
    /// or v2: "task" or "tasks", and in the task "tools" before "objects".
    std::optional<std::string> read(const Json &root, UnknownMembers &unknown);
};

/// A number of metadata: finite and greater than 0, also as numeric text. Absent, null and 0 count as unknown
/// (FORMATS.md 1.2).
std::optional<double> positive_number(const Json *value);

/// Width and height of metadata, rounded to whole pixels; unknown unless both are known.
Size size_in_metadata(const Json *metadata);

} // namespace ango::common
