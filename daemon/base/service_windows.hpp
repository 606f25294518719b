// For the program that is started by the service control manager.
#pragma once

#include "base/handle_windows.hpp"

namespace angod::service {

/// From now on the calls of service.hpp tell the manager. From ServiceMain, with what RegisterServiceCtrlHandlerEx
/// returned; the service is starting then. Its control handler must end angod on a stop or a shutdown.
void report_to(SERVICE_STATUS_HANDLE manager);
/// The last call of ServiceMain. exit_code: 0 is a stop that was asked for.
void stopped(DWORD exit_code);

} // namespace angod::service
