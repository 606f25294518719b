// For the program that is started by the service control manager.
#pragma once

#include "base/handle_windows.hpp"

namespace angod::service {

/// From now on the calls of service.hpp tell the manager. To be called in ServiceMain with the result of
/// RegisterServiceCtrlHandlerEx, while the service starts. The control handler must end angod on a stop or a shutdown.
void report_to(SERVICE_STATUS_HANDLE manager);
/// The last call of ServiceMain. exit_code: 0 after a requested stop.
void stopped(DWORD exit_code);

} // namespace angod::service
