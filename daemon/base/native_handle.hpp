// The operating system's name for an open file, pipe or process.
#pragma once

namespace angod {

#ifdef _WIN32
using NativeHandle = void *; ///< HANDLE
inline constexpr NativeHandle kNoHandle = nullptr;
#else
using NativeHandle = int; ///< descriptor
inline constexpr NativeHandle kNoHandle = -1;
#endif

} // namespace angod
