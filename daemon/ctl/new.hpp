// angoctl new: a folder in which a module of somebody's own begins.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace angod::ctl {

/// A file of ctl/templates. In it stand `module-id`, `ModuleClass`, and in the README words in @…@.
struct TemplateFile {
    std::string_view path; ///< "export/module.cpp"
    std::string_view text;
};
const std::vector<TemplateFile> &template_files();

/// Makes dir/name and says on stdout what comes next. prefix: where angoctl is installed, or the build folder. Returns an
/// exit code.
int new_module(const std::string &kind, const std::string &name, const std::filesystem::path &dir,
               const std::filesystem::path &prefix);

} // namespace angod::ctl
