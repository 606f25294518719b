// Image sizes from files of the operator (modules/FORMATS.md 4.4, third source).
#pragma once

#include "common/geometry.hpp"

#include <filesystem>
#include <string>
#include <string_view>

namespace ango::common {

/// A folder of images, stored either under their externalId (with its folders) or under their name in the result. The
/// name of a file may be in the other Unicode form of accented letters (NFC or NFD), and may have an extension that the
/// externalId lacks. Names that lead out of the folder are never opened, nor is anything but a regular file.
class LocalImages {
public:
    LocalImages() = default;
    /// Throws ango::Failure, which names the option, if folder is not the absolute path of a readable folder. Empty: no
    /// folder.
    LocalImages(std::string_view option, const std::string &folder);

    /// The size of the first file of these names that has a readable size; unknown if there is none. url_extension: with
    /// its dot, as the asset's URL has it; may be empty.
    Size look_up(std::string_view external_id, std::string_view output_name, std::string_view url_extension) const;
    bool given() const { return !folder_.empty(); }

private:
    Size size_of_any(const std::string &name, std::string_view url_extension) const;
    Size size_of(std::string_view name) const;

    std::filesystem::path folder_;
};

} // namespace ango::common
