// The standard error output of this process, below stdio and its lock.
#pragma once

#include <cstddef>
#include <string_view>

namespace angod {

/// Writes the text and waits for the reader as long as that takes. Returns how many bytes were written; fewer than all: the
/// output has failed. Any thread.
std::size_t write_stderr(std::string_view text);

/// From now on a crash of this process (SIGSEGV, SIGABRT, …) first gives the log's thread a fifth of a second to write the
/// last lines. Once, at the beginning of main. It changes nothing where something else handles crashes already.
void keep_log_at_crash();

} // namespace angod
