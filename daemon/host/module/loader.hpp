// Loads a module and checks it. No function except the entry point is called before the descriptor is complete.
#pragma once

#include "base/result.hpp"
#include "host_protocol/kind.hpp"

#include <ango/module.h>

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace angod::host {

/// A checked module. Texts and tables are views into the module's own constant data.
struct LoadedModule {
    const ango_module *descriptor = nullptr;
    std::string_view id, name, version, summary;
    std::vector<PluginKind> kinds; ///< the kinds that this host can run
    bool concurrent = false;

    /// The complete table of a kind; null if the module does not serve the kind.
    const ango_export_v1 *export_table = nullptr;
    const ango_model_v1 *model_table = nullptr; ///< for both kinds of model
    const ango_file_explorer_v1 *file_explorer_table = nullptr;
    const ango_markdown_v1 *markdown_table = nullptr;
    const ango_input_v1 *input_table = nullptr;
};

/// Loads the file with immediate binding and local symbols. The library is never unloaded, because code of a module may
/// run until the process ends. The error names the file, the fault and the remedy.
Result<LoadedModule> load_module(const std::filesystem::path &path);

/// Returns the descriptor as a JSON object. more: further members as JSON text, "" or ",…".
std::string descriptor_json(const LoadedModule &module, std::string_view more = {});

} // namespace angod::host
