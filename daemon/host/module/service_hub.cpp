#include "host/module/service_tables.hpp"

#include "host/hub/hub_upload.hpp"
#include "host/job/status.hpp"
#include "host/module/handles.hpp"

#include "base/json.hpp"

#include <string>
#include <utility>

namespace angod::host::service {

namespace {

/// Gives the module the answer, or a sentence with the reason if there is none.
std::int32_t hub_answer(ango_job *job, Result<std::string> answer, ango_str *out) {
    const std::int32_t status = answer                                   ? ANGO_OK
                                : answer.error().code == Code::not_found ? ANGO_ABSENT
                                                                         : status_of(answer.error());
    job->hub_answer = answer ? std::move(*answer) : answer.error().text;
    give(out, job->hub_answer);
    return status;
}

std::int32_t hub_call(ango_job *job, const ango_str *method, const ango_str *path, const ango_str *body,
                      std::uint32_t repeat, ango_str *out) {
    if (!job || !method || !path || !out || !view(path).starts_with('/')) return ANGO_INVALID;
    return guarded([&] {
        if (!job->hub) job->hub.emplace(job->job);
        rest::Call call{"the data that the plugin needs", std::string(view(method)), std::string(view(path))};
        call.body = view(body);
        call.repeat = repeat != 0;
        const auto answer = job->hub->hub.call(call);
        return hub_answer(job, answer ? Result<std::string>(json::to_text(*answer)) : answer.error(), out);
    });
}

std::int32_t hub_upload(ango_job *job, const ango_str *type, const ango_str *name, const ango_str *bytes,
                        ango_str *out) {
    if (!job || !type || !name || !bytes || !out) return ANGO_INVALID;
    return guarded([&] {
        if (!job->hub) job->hub.emplace(job->job);
        auto url = upload_file(*job->hub, job->job, view(type), view(name), view(bytes));
        if (url && job->keeps_uploads) job->uploads.push_back({*url, std::string(view(bytes))});
        return hub_answer(job, std::move(url), out);
    });
}

} // namespace

constinit const ango_hub_v1 kHub{sizeof(ango_hub_v1), 0, hub_call, hub_upload};

} // namespace angod::host::service
