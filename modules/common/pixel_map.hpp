// Which mask covers which pixel of a picture: a number for each pixel, and the runs of each number (modules/FORMATS.md
// 1.5, brush and masks).
#pragma once

#include "common/geometry.hpp"
#include "common/raster.hpp"

#include <array>
#include <cstdint>
#include <vector>

namespace ango::common {

/// One byte for each pixel, column by column as COCO counts; 0 is no mask.
class PixelMap {
public:
    static constexpr std::uint8_t kMost = 255; ///< masks in one map

    /// Sets all pixels to 0. The caller has checked the size against its limit.
    void reset(Size size);
    std::uint8_t at(std::uint64_t x, std::uint64_t y) const { return pixels_[x * size_.height + y]; }
    void set(std::uint64_t x, std::uint64_t y, std::uint8_t mask) { pixels_[x * size_.height + y] = mask; }
    Size size() const { return size_; }
    /// Every pixel with number n becomes numbers[n]. No number may be above 3.
    void rename(const std::array<std::uint8_t, 4> &numbers);

    struct Mask {
        std::vector<Run> runs; ///< of columns, as rasterise gives them
        std::uint64_t pixels = 0;
        Box box; ///< around all pixels; empty without pixels
    };
    /// Fills masks[n] for each number n from 1 to last; masks[0] stays empty. False if there are more than kMostRuns
    /// runs.
    bool collect(std::uint8_t last, std::vector<Mask> &masks) const;
    static constexpr std::uint64_t kMostRuns = 5'000'000;

private:
    Size size_;
    std::vector<std::uint8_t> pixels_;
};

} // namespace ango::common
