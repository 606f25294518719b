// The tool entries of one task (modules/FORMATS.md 1.4, 1.6), reduced to those that show a shape on a page.
#pragma once

#include "common/accounting.hpp"
#include "common/json.hpp"
#include "common/record.hpp"
#include "common/tool_keys.hpp"

#include <cstdint>
#include <string_view>
#include <vector>

namespace ango::common {

/// Views into the tree of the record.
struct ToolEntry {
    Tool tool = Tool::unknown;
    ToolType type = 0;           // the type in the accounting
    const Json *shape = nullptr; // value of the shape member; may be JSON null
    std::string_view object_id;
    std::string_view schema_id;
    std::string_view title;
    const Json *classifications = nullptr; // array or null
    const Json *masks = nullptr;           // segmentation: URL or array of URLs of its PNG masks, or null
    std::uint64_t page = 0;                // 0-based
    /// Whether the entry was made between two key frames. Then shape is that of the key frame before, and towards that
    /// of the key frame behind (null: the shape stays the same). share tells where between them the frame lies: above
    /// 0, below 1. Such an entry never was "in", see settle_emitted.
    bool interpolated = false;
    const Json *towards = nullptr;
    double share = 0;
};

/// Puts an entry into its bucket of the accounting. Interpolated entries become notes, because only entries of the
/// export are counted as in.
void settle_emitted(Accounting &books, const ToolEntry &entry);
void settle_merged(Accounting &books, const ToolEntry &entry);
void settle_dropped(Accounting &books, const ToolEntry &entry, Reason why);

/// Appends the entries of tools (an array or null) that show a known shape, and segmentations without points that have
/// masks. Each entry is counted as "in"; the caller settles the entries that it gets. All others are settled here:
/// ended entries, entries without a shape and entries with an unknown shape. A video object with a list of frames is
/// expanded to one entry for each frame, and each of them is "in". ends, if given, gets the ended entries: the page
/// from which an object is gone, and perhaps a copy of its shape.
void read_tools(const Json *tools, bool video, Accounting &books, UnknownMembers &unknown, std::vector<ToolEntry> &out,
                std::vector<ToolEntry> *ends = nullptr);

/// Counts the entries of tools as in and dropped for this reason, because their asset or task is left out.
void drop_tools(const Json *tools, Reason why, Accounting &books);

} // namespace ango::common
