// How much of the machine one run may use, unless the configuration says otherwise.
#pragma once

#include <cstdint>

namespace angod::host_protocol {

struct RunLimits {
    std::int64_t spool_mb = 20480;  ///< of an export on the disk
    std::int64_t unzip_mb = 102400; ///< of an unpacked export
    std::int64_t asset_mb = 256;    ///< of one record of an export
};

} // namespace angod::host_protocol
