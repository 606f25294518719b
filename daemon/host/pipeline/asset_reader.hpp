// The records of an export, read from the blocks that the unzip thread fills. The code behind "ango.reader". An export may
// come in parts, each of them a whole file with a layout of its own. Lines, elements and bytes are counted over all parts.
#pragma once

#include "host/pipeline/asset_splitter.hpp"
#include "host/pipeline/byte_queue.hpp"

#include <ango/module.h>

#include <cstdint>
#include <functional>
#include <optional>

namespace angod::host {

/// Job thread only.
class AssetReader {
public:
    /// blocks must outlive it. max_asset: bytes of one record.
    AssetReader(ByteQueue &blocks, std::uint64_t max_asset);
    ~AssetReader();
    AssetReader(const AssetReader &) = delete;
    AssetReader &operator=(const AssetReader &) = delete;

    /// Reads the next record, as "ango.reader" specifies: its text is valid until the next call. The caller checks the
    /// struct_size of asset. Returns ANGO_OK, ANGO_END, ANGO_CANCELLED, ANGO_LIMIT, ANGO_IO (download) or ANGO_FAILED
    /// (bad data). Every status except ANGO_OK is final.
    std::int32_t next(ango_asset &asset);

    /// The error of next(); nothing if it did not fail.
    const std::optional<Error> &failure() const { return failure_; }
    std::uint64_t assets() const { return assets_; }
    bool at_end() const { return last_ == ANGO_END; }

private:
    std::int32_t fail(const Error &why);

    ByteQueue &blocks_;
    const std::uint64_t max_asset_;
    std::optional<AssetSplitter> splitter_; ///< of the present part
    Block block_;                           ///< the splitter's views point into it
    bool part_ends_ = false;                ///< with block_
    bool all_read_ = false;
    std::int32_t last_ = ANGO_OK;
    std::uint64_t assets_ = 0;
    std::optional<Error> failure_;
};

} // namespace angod::host
