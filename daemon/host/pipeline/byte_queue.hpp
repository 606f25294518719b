// A bounded stream of blocks from one thread to the next stage of the pipeline.
//
// One producer, one consumer. An error of the producer travels to the consumer behind the blocks before it, so
// the first thing that went wrong upstream is what the end of the pipeline reports. A consumer that wants no
// more closes the queue, and the producer learns it from its next push. Used blocks go back to the producer:
// memory is touched once, and is bounded by what the queue was made for.
#pragma once

#include "base/cancel.hpp"
#include "base/result.hpp"

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <string_view>
#include <vector>

namespace angod::host {

/// A buffer that knows how far it is filled. Its bytes start undefined.
class Block {
public:
    Block() = default;
    explicit Block(std::size_t bytes) : data_(new char[bytes]), capacity_(bytes) {}

    char *data() const { return data_.get(); }
    std::size_t size() const { return size_; }
    std::size_t room() const { return capacity_ - size_; }
    char *end() const { return data_.get() + size_; }
    std::string_view view() const { return {data_.get(), size_}; }
    explicit operator bool() const { return data_ != nullptr; }

    /// bytes at end() are now filled.
    void grow(std::size_t bytes) { size_ += bytes; }
    void clear() { size_ = 0; }
    /// As many of the bytes as there is room for; how many that were.
    std::size_t append(std::string_view bytes);

private:
    std::unique_ptr<char[]> data_;
    std::size_t capacity_ = 0, size_ = 0;
};

class ByteQueue {
public:
    /// At most `blocks` of block_bytes wait in it; about two more are with producer and consumer.
    ByteQueue(std::size_t blocks, std::size_t block_bytes, const CancelToken &cancel);

    /// Producer: an empty block to fill.
    Block fresh();
    /// Producer: waits for room. False: the consumer has closed, or the job is cancelled; the block is gone.
    bool push(Block block);
    /// Producer: nothing more follows. Only the first end counts.
    void finish();
    void fail(Error why);

    /// Consumer: the next block, in order; nothing at the end. Errors: what fail() was told, or cancelled.
    Result<std::optional<Block>> pop();
    /// Consumer: the block is no longer needed.
    void give_back(Block block);
    /// Consumer: wants no more. Also for a consumer that ends early for a reason of its own.
    void close();
    bool closed() const;

private:
    /// Until ready() or cancel. The token has no room for one more callback, so it is looked at now and then.
    template <class Ready> void wait(std::unique_lock<std::mutex> &lock, Ready ready);

    const std::size_t max_blocks_, block_bytes_;
    const CancelToken &cancel_;
    mutable std::mutex mutex_;
    std::condition_variable changed_;
    std::deque<Block> waiting_;
    std::vector<Block> spare_;
    bool ended_ = false, closed_ = false;
    std::optional<Error> failed_;
};

} // namespace angod::host
