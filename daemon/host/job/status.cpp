#include "host/job/status.hpp"

#include <ango/module.h>

namespace angod::host {

std::int32_t status_of(const Error &why) {
    switch (why.code) {
        case Code::cancelled: return ANGO_CANCELLED;
        case Code::limit: return ANGO_LIMIT;
        case Code::io:
        case Code::full:
        case Code::network:
        case Code::timeout:
        case Code::remote: return ANGO_IO;
        default: return ANGO_FAILED;
    }
}

} // namespace angod::host
