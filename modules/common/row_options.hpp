// What modules of kind Markdown Generator share.
#pragma once

#include "options.hpp"

#include <ango/module.hpp>

namespace ango::convert {

/// Warns the user of every option that has no effect: which neither the module has asked for nor the host reads, or
/// which is the host's and stands in the plugin's settings. Call it when all options have been read.
void warn_of_unknown_options(Job &job, std::string_view settings, Options &options);

} // namespace ango::convert
