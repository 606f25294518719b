// Lays the brush traces of a volume (a NRRD file) over others. Format: https://teem.sourceforge.net/nrrd/format.html
#pragma once

#include "base/result.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace angod::host {

/// The part of the head of a NRRD file that is needed to read its voxels.
struct VolumeHead {
    enum class Encoding { raw, gzip };
    std::size_t bytes = 0; ///< of the head, with the empty line at its end
    Encoding encoding = Encoding::raw;
    std::vector<std::uint64_t> sizes; ///< three
    std::uint64_t voxels() const { return sizes[0] * sizes[1] * sizes[2]; }
};

/// Reads the head. Understands volumes of three dimensions with one unsigned byte per voxel, in the encodings gzip and
/// raw, whose voxels are in the same file. The error (invalid) is the end of a sentence that begins with the file. Pure.
Result<VolumeHead> read_volume_head(std::string_view file);

/// Returns a file with the voxels of `above` that are not 0, and those of `below` everywhere else. Head and encoding are
/// those of `below`. The error (invalid) is the end of a sentence that begins with "because". Needs memory for the
/// result. Pure.
Result<std::string> lay_volume_over(std::string_view above, std::string_view below);

} // namespace angod::host
