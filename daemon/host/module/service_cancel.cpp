#include "host/module/service_tables.hpp"

#include "host/module/call_module.hpp"
#include "host/module/handles.hpp"
#include "host/module/module_log.hpp"

#include <functional>
#include <utility>

namespace angod::host::service {

namespace {

std::int32_t cancel_cancelled(ango_job *job) { return job && job->job.cancel.cancelled() ? 1 : 0; }

std::int32_t cancel_on_cancel(ango_job *job, void (*callback)(void *), void *ctx) {
    if (!job) return ANGO_INVALID;
    return guarded([&] {
        std::function<void()> stop;
        if (callback)
            stop = [callback, ctx] {
                const auto called = call_module("on_cancel callback", [&] {
                    callback(ctx);
                    return ANGO_OK;
                });
                if (!called) log_for_operator(LogLevel::error, called.error().text);
            };
        job->job.cancel.on_cancel(std::move(stop));
        return ANGO_OK;
    });
}

} // namespace

constinit const ango_cancel_v1 kCancel{sizeof(ango_cancel_v1), 0, cancel_cancelled, cancel_on_cancel};

} // namespace angod::host::service
