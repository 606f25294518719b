// The tool entries of one task (formats.md 1.4, 1.6), reduced to those that show a shape on a page.
#pragma once

#include "accounting.hpp"
#include "json.hpp"
#include "record.hpp"
#include "tool_keys.hpp"

#include <cstdint>
#include <string_view>
#include <vector>

namespace ango::convert {

/// Views into the tree of the record.
struct ToolEntry {
    Tool tool = Tool::kUnknown;
    ToolType type = 0;           // how the accounting calls it
    const Json *shape = nullptr; // value of the shape member; may be null JSON
    std::string_view object_id;
    std::string_view schema_id;
    std::string_view title;
    const Json *classifications = nullptr; // array or null
    const Json *masks = nullptr;           // segmentation: URLs of its PNG masks, one or an array, or null
    std::uint64_t page = 0;                // 0-based
    /// Made between two key frames: shape is that of the key frame before, towards that of the one behind (null:
    /// the shape stays as it is), share how far between them this frame lies, above 0 and below 1. Such an entry
    /// never was "in": see settle_emitted.
    bool interpolated = false;
    const Json *towards = nullptr;
    double share = 0;
};

/// An entry's one bucket in the books; interpolated ones are notes, for the identity is about what came in.
void settle_emitted(Accounting &books, const ToolEntry &entry);
void settle_merged(Accounting &books, const ToolEntry &entry);
void settle_dropped(Accounting &books, const ToolEntry &entry, Reason why);

/// Appends the entries of tools (an array or null) that show a known shape, or are a segmentation of which there
/// are masks. All others are settled here: ended
/// ones, those without a shape and those with an unknown one. Each counts as "in" here; the caller settles what
/// it gets. A video object with a list of frames is expanded to one entry a frame, each of which is "in".
/// ends, if given, gets the ended entries, which carry no more than the page from which an object is gone and
/// perhaps a copy of its shape.
void read_tools(const Json *tools, bool video, Accounting &books, UnknownMembers &unknown, std::vector<ToolEntry> &out,
                std::vector<ToolEntry> *ends = nullptr);

/// Counts the entries of tools as in and dropped for this reason: the tools of an asset that is left out whole.
void drop_tools(const Json *tools, Reason why, Accounting &books);

} // namespace ango::convert
