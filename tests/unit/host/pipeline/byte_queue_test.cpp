#include "host/pipeline/byte_queue.hpp"

#include <doctest/doctest.h>

#include <string>
#include <thread>

using namespace angod;
using namespace angod::host;

namespace {

Block block_of(ByteQueue &queue, std::string_view text) {
    Block block = queue.fresh();
    block.append(text);
    return block;
}

} // namespace

TEST_CASE("blocks arrive in order, then the end") {
    CancelToken cancel;
    ByteQueue queue(8, 16, cancel);
    CHECK(queue.push(block_of(queue, "one")));
    CHECK(queue.push(block_of(queue, "two")));
    queue.finish();
    CHECK((*queue.pop().value()).view() == "one");
    CHECK((*queue.pop().value()).view() == "two");
    CHECK_FALSE(queue.pop().value().has_value());
    CHECK_FALSE(queue.pop().value().has_value());
}

TEST_CASE("an error arrives behind the blocks before it, and the first end counts") {
    CancelToken cancel;
    ByteQueue queue(8, 16, cancel);
    queue.push(block_of(queue, "one"));
    queue.fail(error(Code::network, "lost"));
    queue.fail(error(Code::io, "later"));
    queue.finish();
    CHECK((*queue.pop().value()).view() == "one");
    CHECK(queue.pop().error().text == "lost");
    CHECK(queue.pop().error().text == "lost");

    ByteQueue done(8, 16, cancel);
    done.finish();
    done.fail(error(Code::io, "too late"));
    CHECK(done.pop().has_value());
}

TEST_CASE("a full queue holds the producer until the consumer takes") {
    CancelToken cancel;
    ByteQueue queue(2, 16, cancel);
    std::string taken;
    std::thread producer([&] {
        for (char c = 'a'; c <= 'z'; ++c) queue.push(block_of(queue, std::string(1, c)));
        queue.finish();
    });
    for (;;) {
        auto block = queue.pop().value();
        if (!block) break;
        taken += block->view();
        queue.give_back(std::move(*block));
    }
    producer.join();
    CHECK(taken == "abcdefghijklmnopqrstuvwxyz");
}

TEST_CASE("a consumer that closes wakes the producer") {
    CancelToken cancel;
    ByteQueue queue(1, 16, cancel);
    queue.push(block_of(queue, "x"));
    bool pushed = true;
    std::thread producer([&] { pushed = queue.push(block_of(queue, "y")); });
    queue.close();
    producer.join();
    CHECK_FALSE(pushed);
    CHECK(queue.closed());
}

TEST_CASE("a cancel wakes both sides") {
    CancelToken cancel;
    ByteQueue full(1, 16, cancel), empty(1, 16, cancel);
    full.push(block_of(full, "x"));
    bool pushed = true;
    std::thread producer([&] { pushed = full.push(block_of(full, "y")); });
    Code code = Code::invalid;
    std::thread consumer([&] { code = empty.pop().error().code; });
    cancel.cancel();
    producer.join();
    consumer.join();
    CHECK_FALSE(pushed);
    CHECK(code == Code::cancelled);
    CHECK_FALSE(full.pop().has_value()); // what waits is not handed out any more
}

TEST_CASE("used blocks come back empty") {
    CancelToken cancel;
    ByteQueue queue(2, 16, cancel);
    Block block = block_of(queue, "0123456789abcdefgh");
    CHECK(block.size() == 16);
    CHECK(block.room() == 0);
    const char *memory = block.data();
    queue.give_back(std::move(block));
    Block again = queue.fresh();
    CHECK(again.data() == memory);
    CHECK(again.size() == 0);
    CHECK(again.room() == 16);
}
