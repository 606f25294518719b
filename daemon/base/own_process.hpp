// The calling process: its memory, its name, its end.
#pragma once

#include <cstddef>

namespace angod {

/// Makes blocks of a megabyte and more go back to the system when they are freed. Once, at the beginning of main, for a
/// process that lives long and meets a large message now and then.
void return_freed_memory();

/// First call of a host: gives it its name and ties its life, and that of its process group, to its parent's.
void become_host();
/// Ends the calling process at once: no destructors, no exit handlers of libraries.
[[noreturn]] void leave_now(int code);
/// The same for everything that the calling process, as the head of its group, has started.
[[noreturn]] void end_own_group();
/// Resident memory of the calling process in bytes.
std::size_t own_resident();
int own_pid();
/// The name of the calling thread in top, perf and debuggers. At most 15 bytes.
void name_thread(const char *name);

} // namespace angod
