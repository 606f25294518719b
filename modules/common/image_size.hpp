// The size of an image (modules/FORMATS.md 4.4): from the record, otherwise from the user's table, otherwise from a
// local file (local_images.hpp), otherwise unknown. It is never guessed from the annotations.
#pragma once

#include "common/geometry.hpp"
#include "common/json.hpp"
#include "common/names.hpp"
#include "common/record.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace ango::common {

/// Option "image_sizes": externalId, or URL without query, to [width, height] or to a list with one for each page:
/// {"yard/07.jpg": [640, 480], "scan-3": [[2480, 3508], [2480, 3508]]}
class ImageSizes {
public:
    ImageSizes() = default;
    /// Throws ango::Failure, which names the wrong entry. table may be null.
    explicit ImageSizes(const Json *table);

    /// The size of an image, by a key that is equal or looks the same; page counts for multi-page assets only. url has no query.
    Size look_up(std::string_view external_id, std::string_view url, std::uint64_t page) const;
    bool empty() const { return sizes_.empty(); }

private:
    NameIndex names_;
    std::vector<std::vector<Size>> sizes_; ///< of names_, in the same order
};

/// url up to its query. Only this part may be shown and compared, because signatures are in the query.
std::string_view without_query(std::string_view url);

} // namespace ango::common
