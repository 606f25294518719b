// A bounded stream of blocks from one thread to the next stage of the pipeline.
//
// There is one producer and one consumer. The consumer gets an error of the producer after the blocks before it, so the
// end of the pipeline reports the first error. A consumer that needs no more blocks closes the queue, and the next push
// of the producer fails. Used blocks return to the producer, so memory is bounded and reused.
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

/// A buffer with a fill level. New bytes are undefined.
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

    void clear() {
        size_ = 0;
        ends_part = false;
    }
    /// Copies as many of the bytes as fit, and returns their number.
    std::size_t append(std::string_view bytes);

    bool ends_part = false; ///< the next block begins another file

private:
    std::unique_ptr<char[]> data_;
    std::size_t capacity_ = 0, size_ = 0;
};

class ByteQueue {
public:
    /// At most `blocks` blocks of block_bytes wait in the queue; about two more are in use by producer and consumer.
    ByteQueue(std::size_t blocks, std::size_t block_bytes, const CancelToken &cancel);

    /// Producer: returns an empty block to fill.
    Block fresh();
    /// Producer: waits for room and adds the block. False if the consumer has closed the queue or the job is cancelled;
    /// the block is lost then.
    bool push(Block block);
    /// Producer: ends the stream, with or without an error. Only the first end counts.
    void finish();
    void fail(Error why);

    /// Consumer: waits for the next block, in order; nothing at the end. Errors: the error of fail(), or cancelled.
    Result<std::optional<Block>> pop();
    /// Consumer: returns a block that is no longer needed.
    void give_back(Block block);
    /// Consumer: ends the stream from this side, also early.
    void close();
    bool closed() const;

private:
    /// Waits until ready() or a cancel. The token holds only one callback, which is the module's, so the wait polls it.
    template <class Ready> void wait(std::unique_lock<std::mutex> &lock, Ready ready);

    const std::size_t max_blocks_, block_bytes_;
    const CancelToken &cancel_;
    mutable std::mutex mutex_;
    std::condition_variable changed_;
    std::deque<Block> waiting_;
    std::vector<Block> spare_;
    bool ended_ = false;  ///< by the producer
    bool closed_ = false; ///< by the consumer
    std::optional<Error> failed_;
};

} // namespace angod::host
