// For the Windows sources of this folder: the API's header in the order that Asio demands, and handles with an owner.
#pragma once

#include "base/native_handle.hpp"

#include <winsock2.h>

#include <windows.h>

#include <utility>

namespace angod {

/// Closed on destruction. Both ways of the API to say "none", null and INVALID_HANDLE_VALUE, are null here.
class Handle {
public:
    Handle() = default;
    explicit Handle(NativeHandle handle) : handle_(handle == INVALID_HANDLE_VALUE ? nullptr : handle) {}
    Handle(Handle &&other) noexcept : handle_(other.release()) {}
    Handle &operator=(Handle &&other) noexcept {
        std::swap(handle_, other.handle_);
        return *this;
    }
    ~Handle() {
        if (handle_) ::CloseHandle(handle_);
    }
    NativeHandle get() const { return handle_; }
    NativeHandle release() { return std::exchange(handle_, nullptr); }
    explicit operator bool() const { return handle_ != nullptr; }

private:
    NativeHandle handle_ = nullptr;
};

} // namespace angod
