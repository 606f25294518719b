#include "common/local_images.hpp"

#include "common/asset_kind.hpp"
#include "common/image_header.hpp"
#include "common/names.hpp"
#include "common/output_name.hpp"
#include "common/text.hpp"

#include <ango/module.hpp>

#include <algorithm>
#include <fstream>
#include <string>
#include <system_error>
#include <vector>

namespace ango::common {

using namespace std::string_view_literals;

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

Size LocalImages::look_up(std::string_view external_id, std::string_view output_name,
                          std::string_view url_extension) const {
    if (!given()) return {};
    std::string path(external_id);
    std::replace(path.begin(), path.end(), '\\', '/');
    if (const Size size = size_of_any(path, url_extension); size.known()) return size;
    return output_name == path ? Size{} : size_of_any(std::string(output_name), url_extension);
}

/// name in both Unicode forms. Without the extension of an image also with those that its file may have.
Size LocalImages::size_of_any(const std::string &name, std::string_view url_extension) const {
    std::vector<std::string> forms{name};
    for (std::string form : {composed(name), decomposed(name)})
        if (std::find(forms.begin(), forms.end(), form) == forms.end()) forms.push_back(std::move(form));
    for (const std::string &form : forms)
        if (const Size size = size_of(form); size.known()) return size;
    if (name.empty() || is_image_extension(extension_of(name))) return {};
    for (const std::string &form : forms)
        for (const std::string_view extension : {url_extension, ".jpg"sv, ".jpeg"sv, ".png"sv, ".JPG"sv})
            if (is_image_extension(extension))
                if (const Size size = size_of(form + std::string(extension)); size.known()) return size;
    return {};
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
