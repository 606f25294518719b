// Brush files of a storage, laid over each other. The first byte says where the second file begins. Any bytes must be
// read or refused, and a result must be readable again.
#include "host/brush/image_overlay.hpp"
#include "host/brush/volume_overlay.hpp"

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <string_view>

using namespace angod;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size) {
    if (size == 0) return 0;
    const std::string_view all(reinterpret_cast<const char *>(data) + 1, size - 1);
    const std::size_t middle = std::min(all.size(), all.size() * data[0] / 255);
    const std::string_view above = all.substr(0, middle), below = all.substr(middle);
    // A head of a few bytes may promise billions of voxels in a gzip file of few bytes: that is time, not a fault.
    const auto head = host::read_volume_head(above);
    if (!head || head->voxels() < 1'000'000) {
        const auto volume = host::lay_volume_over(above, below);
        if (volume && !host::read_volume_head(*volume)) std::abort();
        if (volume && !host::lay_volume_over(*volume, *volume)) std::abort();
    }
    const auto image = host::lay_image_over(above, below);
    if (image && !host::lay_image_over(*image, *image)) std::abort();
    return 0;
}
