// Output of angoctl: no byte that came from elsewhere may control the terminal.
#pragma once

#include "base/printable.hpp"

#include <string_view>

namespace angod::ctl {

/// Writes to stdout: as it is into a file or pipe, or else printable, line by line. Flushes.
void print_out(std::string_view text);

/// A sentence on stderr, printable and with a line end. Returns code.
int complain(std::string_view sentence, int code);

} // namespace angod::ctl
