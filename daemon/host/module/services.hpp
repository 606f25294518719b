// The services of module.h that the host offers, by name and revision.
#pragma once

#include <ango/module.h>

#include <cstdint>
#include <string_view>

namespace angod::host {

/// The table of a service; null if there is none of this name and revision.
const void *find_service(std::string_view name, std::uint32_t revision);
/// The highest revision of a service; 0 if there is no service of this name.
std::uint32_t last_revision(std::string_view name);

/// The table that a module receives in create.
const ango_host &host_table();

} // namespace angod::host
