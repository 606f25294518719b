#include "host/module/call_module.hpp"

#include "host/module/handles.hpp"

#include <exception>

namespace angod::host {

std::string thrown_text() {
    try {
        throw;
    } catch (const std::exception &e) {
        return std::string("an exception: ") + e.what();
    } catch (...) {
        return "something that is no std::exception";
    }
}

std::int32_t fail_by_exception(ango_job &job, std::string_view function) {
    job.failure = {"The plugin met an unexpected problem.",
                   fmt::format("the module's {} threw {}", function, thrown_text()), -1};
    return ANGO_FAILED;
}

} // namespace angod::host
