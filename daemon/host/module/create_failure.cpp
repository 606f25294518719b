#include "host/module/create_failure.hpp"

namespace angod::host {

namespace {

thread_local CreateFailure *current_failure = nullptr;

} // namespace

CreateFailure::CreateFailure() { current_failure = this; }

CreateFailure::~CreateFailure() { current_failure = nullptr; }

CreateFailure *CreateFailure::current() { return current_failure; }

std::string CreateFailure::text() const {
    if (failure.operator_text.empty() || failure.operator_text == failure.user_text) return failure.user_text;
    return failure.user_text + " (" + failure.operator_text + ")";
}

} // namespace angod::host
