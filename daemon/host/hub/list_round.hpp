// One reading of a list of Hub, page by page. Pure.
//
// The list may change between two pages. New entries stand in front and move the others to later pages, where they are met a second
// time. A deletion moves entries to a page that was read already, so one of them may be missed: the list has to be read again. Hub may
// send shorter pages than it was asked for, so a short page is not the last one.
#pragma once

#include "base/hash_set.hpp"

#include <cstdint>
#include <optional>
#include <string_view>

namespace angod::host {

class ListRound {
public:
    /// An entry of the page at hand. Returns whether it was not on an earlier page. id empty: an entry without an id counts as new.
    bool entry(std::string_view id);
    /// The page ends. total: the entries of all pages, as Hub says. Returns whether no page follows: as many entries as the total were
    /// there, or the page had none that is new, as the pages of a Hub that knows no pages.
    bool page_ends(std::optional<std::uint64_t> total);

    /// The total became smaller between two pages.
    bool shrunk() const { return shrunk_; }
    /// At the end: as many different entries as Hub counted at the begin were there, and none of those can have been missed. New ones
    /// that stand in front may have been. Without a total nobody knows better.
    bool complete() const { return !shrunk_ && (!first_total_ || different_ >= *first_total_); }

private:
    HashSet ids_;
    std::uint64_t read_ = 0, different_ = 0;
    bool any_new_ = false; ///< on the page at hand
    bool shrunk_ = false;
    std::optional<std::uint64_t> first_total_, total_; ///< by the first page that had one, and by the last
};

} // namespace angod::host
