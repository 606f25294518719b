// The rights to a file, folder or pipe: the counterpart of mode bits.
#pragma once

#include "base/handle_windows.hpp"
#include "base/result.hpp"

#include <memory>
#include <string>

namespace angod {

/// A security descriptor that inherits nothing. Administrators and the system may always do everything, as root may
/// elsewhere; a folder hands it on to what is made in it.
class Security {
public:
    /// Only for the user whom this process runs as.
    static Result<Security> owner_only();
    /// Reading and writing also for the group (or user) of that name, unless it is empty, and for all users who are logged on.
    static Result<Security> shared(const std::string &group, bool everybody);

    /// For the Create… functions; valid as long as this lives. Child processes do not inherit the object that is made.
    SECURITY_ATTRIBUTES attributes() const { return {sizeof(SECURITY_ATTRIBUTES), descriptor_.get(), FALSE}; }
    PSECURITY_DESCRIPTOR descriptor() const { return descriptor_.get(); }

private:
    struct LocalFreed {
        void operator()(void *memory) const { ::LocalFree(memory); }
    };
    explicit Security(PSECURITY_DESCRIPTOR descriptor) : descriptor_(descriptor) {}
    static Result<Security> from_sddl(const std::wstring &sddl);
    std::unique_ptr<void, LocalFreed> descriptor_;
};

} // namespace angod
