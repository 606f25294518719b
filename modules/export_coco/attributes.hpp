// Answers as an "attributes" object, title to answer: a convention of CVAT and Datumaro (modules/FORMATS.md 5.5).
#pragma once

#include "common/accounting.hpp"
#include "common/json.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <unordered_map>

namespace ango::export_coco {

class Attributes {
public:
    Attributes(bool write, common::Accounting &books) : write_(write), books_(books) {}

    /// Appends ,"attributes":{...} for the answers of list (array or null) and the answers nested in them. Appends
    /// nothing if there are none, or if attributes are not wanted; then they are noted as dropped. A title that occurs
    /// again in the same object gets "#2", because members of one object need different names.
    void append(std::string &out, const common::Json *list);

    /// The same for the answers of a task on one of its images. Answers that name another page are left out, as are
    /// answers that end here. Without page, the image is a single image and takes all answers.
    void append_for_page(std::string &out, const common::Json *list, std::optional<std::uint64_t> page,
                         bool first_of_task);

    /// Notes the answers whose page never became an image. Call it at the end of the run.
    void settle();

private:
    void append_wanted(std::string &out, const common::Json *list, const std::optional<std::uint64_t> *page);
    bool append_one(std::string &out, const common::Json &classification, bool first);

    bool write_;
    common::Accounting &books_;
    std::unordered_map<std::string, unsigned>
        titles_;                      // of the object that is being written, with the number of times each occurred
    std::uint64_t bound_to_page_ = 0; // answers that name a page ...
    std::uint64_t on_their_page_ = 0; // ... and were written there
};

} // namespace ango::export_coco
