// Options of modules of kind Markdown Generator.
#pragma once

#include "common/options.hpp"

#include <ango/module.hpp>

namespace ango::common {

/// Warns the user of every option without effect: unknown names, and options of the host in the plugin's settings,
/// which the host does not read. Call it when all options have been read.
void warn_of_unknown_options(Job &job, std::string_view settings, Options &options);

} // namespace ango::common
