// Modules as the admin API shows them.
#pragma once

#include "admin/views.hpp"
#include "app/counters.hpp"
#include "supervisor/modules.hpp"

#include <vector>

namespace angod::app {

std::vector<admin::ModuleView> module_views(const supervisor::Modules &modules, const Counters &counters);

} // namespace angod::app
