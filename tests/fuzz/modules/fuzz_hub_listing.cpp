// Any bytes are read as Hub's list of the files of a storage. The result must be a list or none, with no more text than the
// input, and each entry must lie directly in the folder.
#include "explorer_s3/hub_listing.hpp"

#include <cstdint>
#include <cstdlib>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size) {
    constexpr std::string_view kPrefix = "p/";
    const std::string_view answer(reinterpret_cast<const char *>(data), size);
    ango::explorer_s3::read_hub_place(answer);
    const auto found = ango::explorer_s3::read_hub_files(answer, kPrefix);
    if (!found) return 0;
    std::size_t bytes = found->next.size();
    for (const std::string &folder : found->folders) {
        if (!folder.starts_with(kPrefix) || folder.find('/', kPrefix.size()) != folder.size() - 1) std::abort();
        bytes += folder.size();
    }
    for (const auto &file : found->files) {
        if (!file.key.starts_with(kPrefix) || file.key.find('/', kPrefix.size()) != file.key.npos) std::abort();
        bytes += file.key.size() + file.url.size();
    }
    // Each entry may get the prefix and a slash, and a byte that is not UTF-8 may become three.
    if (bytes > 3 * size + found->size() * (kPrefix.size() + 1)) std::abort();
    return 0;
}
