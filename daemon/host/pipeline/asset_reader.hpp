// What the module reads: the records of an export, out of the blocks that the unzip thread makes.
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

    /// As "ango.reader" says: the text stays valid until the next call. The caller checks asset's struct_size.
    /// ANGO_OK, ANGO_END, ANGO_CANCELLED, ANGO_LIMIT, ANGO_IO (download) or ANGO_FAILED (the data); what is not
    /// ANGO_OK is final.
    std::int32_t next(ango_asset &asset);

    /// Why next() failed; nothing if it did not.
    const std::optional<Error> &failure() const { return failure_; }
    std::uint64_t assets() const { return assets_; }
    bool at_end() const { return last_ == ANGO_END; }

private:
    std::int32_t fail(const Error &why);

    ByteQueue &blocks_;
    AssetSplitter splitter_;
    Block block_; ///< which the splitter's views point into
    std::int32_t last_ = ANGO_OK;
    std::uint64_t assets_ = 0;
    std::optional<Error> failure_;
};

} // namespace angod::host
