// Image sizes from files beside the export (formats.md 4.1 "Image size", third source).
#pragma once

#include "geometry.hpp"

#include <filesystem>
#include <string>
#include <string_view>

namespace ango::convert {

/// A folder of images, kept either under their externalId (folders of it included) or under the name they have in
/// the result. Names that lead out of the folder, and what is no regular file, are never opened.
class LocalImages {
public:
    LocalImages() = default;
    /// Throws ango::Failure naming the option if folder is not an absolute path of a folder that can be read.
    /// Empty: no folder.
    LocalImages(std::string_view option, const std::string &folder);

    /// The size of a file of one of these names, the first that has one; unknown if none has.
    Size look_up(std::string_view external_id, std::string_view output_name) const;
    bool given() const { return !folder_.empty(); }

private:
    Size size_of(std::string_view name) const;

    std::filesystem::path folder_;
};

} // namespace ango::convert
