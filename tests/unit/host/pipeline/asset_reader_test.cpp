#include "host/pipeline/asset_reader.hpp"

#include <doctest/doctest.h>

#include <string>
#include <thread>
#include <vector>

using namespace angod;
using namespace angod::host;

namespace {

std::string_view text(const ango_asset &asset) { return {asset.json.data, static_cast<std::size_t>(asset.json.size)}; }

void feed(ByteQueue &queue, std::string_view bytes) {
    while (!bytes.empty()) {
        Block block = queue.fresh();
        bytes.remove_prefix(block.append(bytes));
        if (!queue.push(std::move(block))) return;
    }
}

} // namespace

TEST_CASE("a reader gives the assets of an export with their places, then the end for ever") {
    CancelToken cancel;
    ByteQueue queue(64, 4, cancel); // records span blocks
    feed(queue, "{\"a\":1}\n\n{\"b\":22}\n");
    queue.finish();
    AssetReader reader(queue, 1000);
    ango_asset asset{sizeof(ango_asset)};
    REQUIRE(reader.next(asset) == ANGO_OK);
    CHECK(text(asset) == "{\"a\":1}");
    CHECK(asset.container == ANGO_CONTAINER_NDJSON);
    REQUIRE(reader.next(asset) == ANGO_OK);
    CHECK(text(asset) == "{\"b\":22}");
    CHECK(asset.number == 3);
    CHECK(asset.offset == 9);
    CHECK(reader.next(asset) == ANGO_END);
    CHECK(reader.next(asset) == ANGO_END);
    CHECK(reader.assets() == 2);
    CHECK(reader.at_end());
    CHECK_FALSE(reader.failure().has_value());
}

TEST_CASE("an array is told as one") {
    CancelToken cancel;
    ByteQueue queue(64, 100, cancel);
    feed(queue, "[{},{}]");
    queue.finish();
    AssetReader reader(queue, 1000);
    ango_asset asset{sizeof(ango_asset)};
    REQUIRE(reader.next(asset) == ANGO_OK);
    CHECK(asset.container == ANGO_CONTAINER_ARRAY);
}

TEST_CASE("a failure of the source is the reader's failure, behind the assets before it") {
    for (const auto &[code, status] :
         {std::pair{Code::network, ANGO_IO}, {Code::limit, ANGO_LIMIT}, {Code::invalid, ANGO_FAILED}}) {
        CancelToken cancel;
        ByteQueue queue(64, 100, cancel);
        feed(queue, "{}\n{");
        queue.fail(error(code, "no more"));
        AssetReader reader(queue, 1000);
        ango_asset asset{sizeof(ango_asset)};
        CHECK(reader.next(asset) == ANGO_OK);
        CHECK(reader.next(asset) == status);
        CHECK(reader.next(asset) == status);
        CHECK(reader.failure()->text == "no more");
        CHECK(queue.closed());
    }
}

TEST_CASE("a cancel ends a reader that waits") {
    CancelToken cancel;
    ByteQueue queue(64, 100, cancel);
    AssetReader reader(queue, 1000);
    std::thread other([&] { cancel.cancel(); });
    ango_asset asset{sizeof(ango_asset)};
    CHECK(reader.next(asset) == ANGO_CANCELLED);
    other.join();
}

TEST_CASE("a reader that goes away closes its source") {
    CancelToken cancel;
    ByteQueue queue(64, 100, cancel);
    { AssetReader reader(queue, 1000); }
    CHECK(queue.closed());
}

TEST_CASE("an export in parts is read whole, each part in its own layout") {
    CancelToken cancel;
    ByteQueue queue(64, 4, cancel);
    for (const std::string_view part : {"{\"a\":1}\n{\"a\":2}", "", "[{\"a\":3}, {\"a\":4}]", "{\n\"a\":5\n}\n", " "}) {
        feed(queue, part);
        Block end = queue.fresh();
        end.ends_part = true;
        REQUIRE(queue.push(std::move(end)));
    }
    queue.finish();
    AssetReader reader(queue, 1000);
    std::string read;
    std::vector<std::uint64_t> numbers, offsets;
    ango_asset asset{sizeof(ango_asset)};
    while (reader.next(asset) == ANGO_OK) {
        numbers.push_back(asset.number);
        offsets.push_back(asset.offset);
        CHECK(asset.container == (text(asset) == "{\"a\":3}" || text(asset) == "{\"a\":4}" ? ANGO_CONTAINER_ARRAY
                                                                                           : ANGO_CONTAINER_NDJSON));
        for (const char c : text(asset))
            if (c >= '0' && c <= '9') read += c;
    }
    CHECK(reader.at_end());
    CHECK(read == "12345");
    // Two lines, two elements, a line; all counted from the begin of the export.
    CHECK(numbers == std::vector<std::uint64_t>{1, 2, 3, 4, 5});
    CHECK(offsets == std::vector<std::uint64_t>{0, 8, 16, 25, 33});
}

TEST_CASE("a part that is cut off fails the export, although others follow") {
    CancelToken cancel;
    ByteQueue queue(64, 100, cancel);
    feed(queue, "[{},");
    Block end = queue.fresh();
    end.ends_part = true;
    REQUIRE(queue.push(std::move(end)));
    feed(queue, "{}");
    queue.finish();
    AssetReader reader(queue, 1000);
    ango_asset asset{sizeof(ango_asset)};
    CHECK(reader.next(asset) == ANGO_OK);
    CHECK(reader.next(asset) == ANGO_FAILED);
    CHECK(reader.failure()->text.find("incomplete") != std::string::npos);
}
