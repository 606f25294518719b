// A module, loaded and checked: nothing of it is called before it has been found to be complete.
#pragma once

#include "base/result.hpp"
#include "host_protocol/kind.hpp"

#include <ango/module.h>

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace angod::host {

/// Views into the module's own constant data.
struct LoadedModule {
    const ango_module *descriptor = nullptr;
    std::string_view id, name, version, summary;
    std::vector<PluginKind> kinds; ///< those this host can run
    bool concurrent = false;

    /// The table of a kind, complete; null if the module does not serve it.
    const ango_export_v1 *export_table = nullptr;
    const ango_model_v1 *model_table = nullptr; ///< of both kinds of model
    const ango_file_explorer_v1 *file_explorer_table = nullptr;
    const ango_markdown_v1 *markdown_table = nullptr;
    const ango_input_v1 *input_table = nullptr;
};

/// Loads with immediate binding and local symbols, and never unloads: code of a module may run until the
/// process ends. The error names the file, what is wrong, and what to do.
Result<LoadedModule> load_module(const std::filesystem::path &path);

/// The descriptor as a JSON object. more: members behind it, "" or ",…".
std::string descriptor_json(const LoadedModule &module, std::string_view more = {});

} // namespace angod::host
