// The reason that a module gives when its create fails. There is no job yet, so ango.failure is called without one.
#pragma once

#include "host/job/job.hpp"

#include <string>

namespace angod::host {

/// As long as it lives, it keeps the failure that ango.failure receives without a job on this thread.
class CreateFailure {
public:
    CreateFailure();
    ~CreateFailure();
    CreateFailure(const CreateFailure &) = delete;
    CreateFailure &operator=(const CreateFailure &) = delete;

    /// The object that lives on this thread; null if there is none.
    static CreateFailure *current();
    /// The text for the operator; empty if the module gave no reason.
    std::string text() const;

    Failure failure;
};

} // namespace angod::host
