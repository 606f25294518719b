// Which mask covers which pixel, from pictures: a number for each pixel, and the runs of each number (formats.md 1.5
// "brush").
#pragma once

#include "geometry.hpp"
#include "raster.hpp"

#include <array>
#include <cstdint>
#include <vector>

namespace ango::convert {

/// One byte a pixel, column by column as COCO counts; 0 is no mask.
class PixelMap {
public:
    static constexpr std::uint8_t kMost = 255; ///< masks at a time

    /// All pixels 0. The caller has checked the size against its limit.
    void reset(Size size);
    std::uint8_t at(std::uint64_t x, std::uint64_t y) const { return pixels_[x * size_.height + y]; }
    void set(std::uint64_t x, std::uint64_t y, std::uint8_t mask) { pixels_[x * size_.height + y] = mask; }
    Size size() const { return size_; }
    /// Every pixel with number n becomes numbers[n]; there are none above 3.
    void rename(const std::array<std::uint8_t, 4> &numbers);

    struct Mask {
        std::vector<Run> runs; ///< of columns, as rasterise gives them
        std::uint64_t pixels = 0;
        Box box; ///< the extent; empty without pixels
    };
    /// masks[n] for each number from 1 to last, with masks[0] empty. False if they are so ragged that there are more
    /// than kMostRuns.
    bool collect(std::uint8_t last, std::vector<Mask> &masks) const;
    static constexpr std::uint64_t kMostRuns = 5'000'000;

private:
    Size size_;
    std::vector<std::uint8_t> pixels_;
};

} // namespace ango::convert
