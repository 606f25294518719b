// Answers as an "attributes" object, title to answer: the convention of CVAT and Datumaro (formats.md 4.1).
#pragma once

#include "common/accounting.hpp"
#include "common/json.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <unordered_map>

namespace coco {

class Attributes {
public:
    Attributes(bool write, ango::convert::Accounting &books) : write_(write), books_(books) {}

    /// Appends ,"attributes":{...} for the answers of list (array or null) and those nested in them; nothing if
    /// there are none, or if attributes are not wanted (then they are noted as dropped). A title met again in
    /// the same object gets "#2": JSON has no place for two members of one name.
    void append(std::string &out, const ango::convert::Json *list);

    /// The same for the answers of a task on one of its images: those bound to another page stay away, as do
    /// those that end here. without page: an image of its own, which takes all.
    void append_for_page(std::string &out, const ango::convert::Json *list, std::optional<std::uint64_t> page,
                         bool first_of_task);

    /// Notes the answers whose page never became an image. At the end of the run.
    void settle();

private:
    void append_wanted(std::string &out, const ango::convert::Json *list, const std::optional<std::uint64_t> *page);
    bool append_one(std::string &out, const ango::convert::Json &classification, bool first);

    bool write_;
    ango::convert::Accounting &books_;
    std::unordered_map<std::string, unsigned> titles_; // of the object being written, and how often each came
    std::uint64_t bound_to_page_ = 0;                  // answers that name a page ...
    std::uint64_t on_their_page_ = 0;                  // ... and that were written there
};

} // namespace coco
