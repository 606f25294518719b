#include "hub/log_buffer.hpp"

#include <algorithm>

namespace angod::hub {

void LogBuffer::drop_oldest(Lines &lines) {
    bytes_ -= lines.messages.front().size();
    lines.messages.pop_front();
    ++lines.dropped;
}

void LogBuffer::add(const std::string &job, std::string message) {
    Lines &lines = jobs_[job];
    bytes_ += message.size();
    lines.messages.push_back(std::move(message));
    if (lines.messages.size() > kLines) drop_oldest(lines);
    while (bytes_ > kBytes) {
        const auto longest = std::max_element(jobs_.begin(), jobs_.end(), [](const auto &a, const auto &b) {
            return a.second.messages.size() < b.second.messages.size();
        });
        if (longest->second.messages.empty()) break;
        drop_oldest(longest->second);
    }
}

LogBuffer::Kept LogBuffer::take(const std::string &job) {
    const auto found = jobs_.find(job);
    if (found == jobs_.end()) return {};
    Kept kept;
    kept.dropped = found->second.dropped;
    for (std::string &message : found->second.messages) {
        bytes_ -= message.size();
        kept.messages.push_back(std::move(message));
    }
    jobs_.erase(found);
    return kept;
}

std::vector<std::string> LogBuffer::jobs() const {
    std::vector<std::string> names;
    for (const auto &[job, lines] : jobs_) names.push_back(job);
    return names;
}

} // namespace angod::hub
