// Any bytes are read as an image file. The result must be a plausible size or none, after few reads.
#include "common/image_header.hpp"

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string_view>

namespace {

void require(bool good, const char *what) {
    if (good) return;
    std::fprintf(stderr, "broken promise: %s\n", what);
    std::abort();
}

class Counted : public ango::common::MemorySource {
public:
    using MemorySource::MemorySource;
    bool read(std::uint64_t offset, unsigned char *to, std::size_t size) override {
        ++reads;
        return MemorySource::read(offset, to, size);
    }
    unsigned reads = 0;
};

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size) {
    Counted file(std::string_view(reinterpret_cast<const char *>(data), size));
    const auto found = ango::common::size_in_header(file);
    require(!found || (found->known() && found->width < 0x80000000u && found->height < 0x80000000u), "a size is one");
    require(file.reads <= 5000, "few reads");
    return 0;
}
