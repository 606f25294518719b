// angoctl new: a folder with the beginnings of a new module.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace angod::ctl {

/// A file of ctl/templates. `module-id`, `ModuleClass` and words in @…@ are replaced in it.
struct TemplateFile {
    std::string_view path; ///< "export/module.cpp"
    std::string_view text;
};
const std::vector<TemplateFile> &template_files();

/// Makes dir/name and prints the next steps on stdout. prefix: the folder of the installation, or of the build. Returns an exit
/// code.
int new_module(const std::string &kind, const std::string &name, const std::filesystem::path &dir,
               const std::filesystem::path &prefix);

} // namespace angod::ctl
