// Any bytes are read as an answer of S3. The result must be a page or none, with no more text than the input.
#include "explorer_s3/list_objects.hpp"

#include <cstdint>
#include <cstdlib>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size) {
    const std::string_view xml(reinterpret_cast<const char *>(data), size);
    const auto page = ango::explorer_s3::read_page(xml);
    const auto said = ango::explorer_s3::read_refusal(xml);
    std::size_t bytes = 0;
    if (page)
        for (const auto *names : {&page->keys, &page->prefixes})
            for (const std::string &name : *names) bytes += name.size();
    // Other encodings than UTF-8 may take fewer bytes for a character.
    if (bytes > 3 * size || said.code.size() > 3 * size || said.words.size() > 1000) std::abort();
    return 0;
}
