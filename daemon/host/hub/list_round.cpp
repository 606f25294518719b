#include "host/hub/list_round.hpp"

namespace angod::host {

bool ListRound::entry(std::string_view id) {
    ++read_;
    const bool is_new = id.empty() || ids_.insert(id);
    if (is_new) ++different_;
    any_new_ = any_new_ || is_new;
    return is_new;
}

bool ListRound::page_ends(std::optional<std::uint64_t> total) {
    shrunk_ = shrunk_ || (total_ && total && *total < *total_);
    if (!first_total_) first_total_ = total;
    if (total) total_ = total;
    const bool last = !any_new_ || (total_ && read_ >= *total_);
    any_new_ = false;
    return last;
}

} // namespace angod::host
