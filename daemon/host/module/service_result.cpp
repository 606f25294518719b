#include "host/module/service_tables.hpp"

#include "host/module/create_failure.hpp"
#include "host/module/handles.hpp"
#include "host/module/least_size.hpp"

#include "base/json.hpp"

#include <string>
#include <utility>

namespace angod::host::service {

namespace {

std::int32_t result_value(ango_job *job, const ango_str *text) {
    if (!job || !text) return ANGO_INVALID;
    return guarded([&] {
        if (!json::check(view(text))) return ANGO_INVALID;
        job->value = json::without_byte_order_marks(view(text)); // Hub gets it as a part of a packet
        return ANGO_OK;
    });
}

std::int32_t result_file_name(ango_job *job, const ango_str *name) {
    if (!job || !name) return ANGO_INVALID;
    return guarded([&] {
        job->names.file_name = view(name);
        return ANGO_OK;
    });
}

std::int32_t result_storage(ango_job *job, const ango_str *storage_id) {
    if (!job || !storage_id) return ANGO_INVALID;
    return guarded([&] {
        job->names.storage = view(storage_id);
        return ANGO_OK;
    });
}

void failure_fail(ango_job *job, const ango_failure *failure) {
    if (!failure || failure->struct_size < least_size<ango_failure>) return;
    guarded([&] {
        Failure why{std::string(view(&failure->user_text)), std::string(view(&failure->operator_text)),
                    failure->retry_after_ms};
        if (job)
            job->failure = std::move(why);
        else if (auto *of_create = CreateFailure::current())
            of_create->failure = std::move(why);
        return ANGO_OK;
    });
}

} // namespace

constinit const ango_result_v1 kResult{sizeof(ango_result_v1), 0, result_value, result_file_name, result_storage};
constinit const ango_failure_v1 kFailure{sizeof(ango_failure_v1), 0, failure_fail};

} // namespace angod::host::service
