// How large an image is (formats.md 4.1 "Image size"): from the record, else from the user's table, else from a local
// file (local_images.hpp), else unknown; never guessed from the annotations.
#pragma once

#include "geometry.hpp"
#include "json.hpp"
#include "record.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace ango::convert {

/// Option "image_sizes": externalId, or URL without query, to [width, height] or to a list of such, one a page:
/// {"yard/07.jpg": [640, 480], "scan-3": [[2480, 3508], [2480, 3508]]}
class ImageSizes {
public:
    ImageSizes() = default;
    /// Throws ango::Failure naming the entry that is wrong. table may be null.
    explicit ImageSizes(const Json *table);

    /// Size of an image: page counts for multi-page assets only. url is without query.
    Size look_up(std::string_view external_id, std::string_view url, std::uint64_t page) const;
    bool empty() const { return sizes_.empty(); }

private:
    std::unordered_map<std::string, std::vector<Size>> sizes_;
};

/// url up to its query string: what may be shown and compared (signatures sit in the query).
std::string_view without_query(std::string_view url);

} // namespace ango::convert
