#include "host/pipeline/byte_queue.hpp"

#include <algorithm>
#include <chrono>
#include <cstring>

namespace angod::host {

namespace {
constexpr std::chrono::milliseconds kCancelCheck{50};
}

std::size_t Block::append(std::string_view bytes) {
    const std::size_t taken = std::min(bytes.size(), room());
    if (taken > 0) std::memcpy(end(), bytes.data(), taken);
    size_ += taken;
    return taken;
}

ByteQueue::ByteQueue(std::size_t blocks, std::size_t block_bytes, const CancelToken &cancel)
    : max_blocks_(std::max<std::size_t>(blocks, 1)), block_bytes_(block_bytes), cancel_(cancel) {}

template <class Ready> void ByteQueue::wait(std::unique_lock<std::mutex> &lock, Ready ready) {
    while (!ready() && !cancel_.cancelled()) changed_.wait_for(lock, kCancelCheck);
}

Block ByteQueue::fresh() {
    {
        const std::lock_guard lock(mutex_);
        if (!spare_.empty()) {
            Block block = std::move(spare_.back());
            spare_.pop_back();
            return block;
        }
    }
    return Block(block_bytes_);
}

bool ByteQueue::push(Block block) {
    std::unique_lock lock(mutex_);
    wait(lock, [this] { return closed_ || ended_ || waiting_.size() < max_blocks_; });
    if (closed_ || ended_ || cancel_.cancelled()) return false;
    waiting_.push_back(std::move(block));
    changed_.notify_all();
    return true;
}

void ByteQueue::finish() {
    const std::lock_guard lock(mutex_);
    ended_ = true;
    changed_.notify_all();
}

void ByteQueue::fail(Error why) {
    const std::lock_guard lock(mutex_);
    if (!ended_) failed_ = std::move(why);
    ended_ = true;
    changed_.notify_all();
}

Result<std::optional<Block>> ByteQueue::pop() {
    std::unique_lock lock(mutex_);
    wait(lock, [this] { return ended_ || !waiting_.empty(); });
    if (cancel_.cancelled()) return error(Code::cancelled, "cancelled");
    if (waiting_.empty()) {
        if (failed_) return *failed_;
        return std::optional<Block>();
    }
    std::optional<Block> block(std::move(waiting_.front()));
    waiting_.pop_front();
    changed_.notify_all();
    return block;
}

void ByteQueue::give_back(Block block) {
    if (!block) return;
    block.clear();
    const std::lock_guard lock(mutex_);
    if (spare_.size() < 2 && !closed_) spare_.push_back(std::move(block));
}

void ByteQueue::close() {
    const std::lock_guard lock(mutex_);
    closed_ = true;
    waiting_.clear();
    spare_.clear();
    changed_.notify_all();
}

bool ByteQueue::closed() const {
    const std::lock_guard lock(mutex_);
    return closed_;
}

} // namespace angod::host
