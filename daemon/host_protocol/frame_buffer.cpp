#include "host_protocol/messages.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>

namespace angod::host_protocol {

namespace {

constexpr std::size_t kReadSize = 64 * 1024;

std::uint32_t size_at(const char *at) {
    std::uint32_t size = 0;
    for (int i = 0; i < 4; ++i) size |= static_cast<std::uint32_t>(static_cast<unsigned char>(at[i])) << (8 * i);
    return size;
}

} // namespace

std::pair<char *, std::size_t> FrameBuffer::prepare() {
    if (begin_ > 0) {
        std::memmove(buffer_.data(), buffer_.data() + begin_, end_ - begin_);
        end_ -= begin_;
        begin_ = 0;
    }
    std::size_t wanted = end_ + kReadSize;
    // A long frame grows the buffer with what has really arrived, not with what its header promises.
    if (end_ >= kHeaderSize) {
        const std::size_t frame = kHeaderSize + size_at(buffer_.data());
        if (frame > wanted) wanted = std::min(frame, std::max(wanted, end_ * 2));
    }
    if (buffer_.size() < wanted) buffer_.resize(wanted);
    if (end_ == 0 && buffer_.size() > 4 * kReadSize) { // a long frame has passed: give its memory back
        buffer_.resize(kReadSize);
        buffer_.shrink_to_fit();
    }
    return {buffer_.data() + end_, buffer_.size() - end_};
}

void FrameBuffer::commit(std::size_t bytes) { end_ += bytes; }

Result<std::optional<Frame>> FrameBuffer::next() {
    if (end_ - begin_ < kHeaderSize) return std::optional<Frame>();
    const std::size_t size = size_at(buffer_.data() + begin_);
    if (size > kMaxFrame)
        return error(Code::protocol, fmt::format("a host message of {} bytes is longer than {}", size, kMaxFrame));
    if (end_ - begin_ < kHeaderSize + size) return std::optional<Frame>();
    const Frame frame{static_cast<Type>(buffer_[begin_ + 4]), {buffer_.data() + begin_ + kHeaderSize, size}};
    begin_ += kHeaderSize + size;
    return std::optional(frame);
}

} // namespace angod::host_protocol
