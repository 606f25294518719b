#include "hub/log_buffer.hpp"

#include <algorithm>
#include <utility>

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
    limit_bytes();
}

void LogBuffer::limit_bytes() {
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

std::size_t LogBuffer::lines(const std::string &job) const {
    const auto found = jobs_.find(job);
    return found == jobs_.end() ? 0 : found->second.messages.size();
}

std::size_t LogBuffer::dropped(const std::string &job) const {
    const auto found = jobs_.find(job);
    return found == jobs_.end() ? 0 : found->second.dropped;
}

std::string LogBuffer::take_oldest(const std::string &job) {
    std::deque<std::string> &messages = jobs_.at(job).messages;
    std::string message = std::move(messages.front());
    messages.pop_front();
    bytes_ -= message.size();
    return message;
}

void LogBuffer::put_back(const std::string &job, std::string message) {
    bytes_ += message.size();
    jobs_[job].messages.push_front(std::move(message));
    limit_bytes();
}

void LogBuffer::keep_last(const std::string &job, std::size_t lines) {
    const auto found = jobs_.find(job);
    if (found == jobs_.end()) return;
    while (found->second.messages.size() > lines) drop_oldest(found->second);
}

std::size_t LogBuffer::take_dropped(const std::string &job) {
    const auto found = jobs_.find(job);
    return found == jobs_.end() ? 0 : std::exchange(found->second.dropped, 0);
}

void LogBuffer::add_dropped(const std::string &job, std::size_t lines) { jobs_[job].dropped += lines; }

} // namespace angod::hub
