#include "common/local_images.hpp"

#include "common/image_header.hpp"
#include "common/output_name.hpp"
#include "common/text.hpp"

#include <ango/module.hpp>

#include <algorithm>
#include <fstream>
#include <system_error>

namespace ango::common {

namespace {

constexpr std::size_t kLongestPath = 4096; // bytes

class FileSource : public ByteSource {
public:
    explicit FileSource(const std::filesystem::path &path) : file_(path, std::ios::binary) {}

    bool read(std::uint64_t offset, unsigned char *to, std::size_t size) override {
        if (!file_.is_open() || offset > INT64_MAX) return false;
        file_.clear();
        file_.seekg(static_cast<std::streamoff>(offset));
        file_.read(reinterpret_cast<char *>(to), static_cast<std::streamsize>(size));
        return file_.good();
    }

private:
    std::ifstream file_;
};

} // namespace

LocalImages::LocalImages(std::string_view option, const std::string &folder) : folder_(folder) {
    if (folder.empty()) return;
    std::error_code failed;
    if (folder_.is_absolute() && std::filesystem::is_directory(folder_, failed)) {
        const std::filesystem::directory_iterator readable(folder_, failed);
        if (!failed) return;
    }
    throw Failure("Option " + quote(option) + " is " + quote(folder) +
                  ", but must be the absolute path of a folder that the plugin can read.");
}

Size LocalImages::look_up(std::string_view external_id, std::string_view output_name) const {
    if (!given()) return {};
    std::string path(external_id);
    std::replace(path.begin(), path.end(), '\\', '/');
    if (const Size size = size_of(path); size.known()) return size;
    return output_name == path ? Size{} : size_of(output_name);
}

Size LocalImages::size_of(std::string_view name) const {
    if (name.size() > kLongestPath || name.find('\0') != std::string_view::npos || !stays_inside(name)) return {};
    const std::filesystem::path path = folder_ / std::filesystem::path(name);
    std::error_code failed;
    // A pipe could block the run for ever, and a device could answer without end.
    if (!std::filesystem::is_regular_file(path, failed)) return {};
    FileSource file(path);
    return size_in_header(file).value_or(Size{});
}

} // namespace ango::common
