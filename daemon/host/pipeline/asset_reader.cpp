#include "host/pipeline/asset_reader.hpp"

#include "host/job/status.hpp"

#include <utility>

namespace angod::host {

AssetReader::AssetReader(ByteQueue &blocks, std::uint64_t max_asset)
    : blocks_(blocks), max_asset_(max_asset), splitter_(max_asset) {}

AssetReader::~AssetReader() { blocks_.close(); }

std::int32_t AssetReader::next(ango_asset &asset) {
    if (last_ != ANGO_OK) return last_;
    Record record;
    for (;;) {
        switch (splitter_->next(record)) {
            case AssetSplitter::Step::record:
                ++assets_;
                asset.container = record.in_array ? ANGO_CONTAINER_ARRAY : ANGO_CONTAINER_NDJSON;
                asset.number = record.number;
                asset.offset = record.offset;
                asset.json = {record.json.data(), record.json.size()};
                return ANGO_OK;
            case AssetSplitter::Step::end:
                if (all_read_) return last_ = ANGO_END;
                splitter_.emplace(max_asset_, splitter_->passed());
                break;
            case AssetSplitter::Step::failed: return fail(splitter_->failure());
            case AssetSplitter::Step::need_bytes: break;
        }
        blocks_.give_back(std::exchange(block_, Block()));
        if (std::exchange(part_ends_, false)) {
            splitter_->finish();
            continue;
        }
        auto more = blocks_.pop();
        if (!more) return fail(more.error());
        if (!*more) {
            all_read_ = true;
            splitter_->finish();
        } else {
            block_ = std::move(**more);
            part_ends_ = block_.ends_part;
            splitter_->feed(block_.view());
        }
    }
}

std::int32_t AssetReader::fail(const Error &why) {
    failure_ = why;
    blocks_.close();
    return last_ = status_of(why);
}

} // namespace angod::host
