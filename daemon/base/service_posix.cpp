#include "base/service.hpp"

#include <systemd/sd-daemon.h>

namespace angod::service {

void ready(const std::string &status) { sd_notify(0, ("READY=1\nSTATUS=" + status).c_str()); }
void status(const std::string &status) { sd_notify(0, ("STATUS=" + status).c_str()); }
void stopping(const std::string &status) { sd_notify(0, ("STOPPING=1\nSTATUS=" + status).c_str()); }

} // namespace angod::service
