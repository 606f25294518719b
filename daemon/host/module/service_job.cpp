#include "host/module/service_tables.hpp"

#include "host/module/handles.hpp"
#include "host_protocol/messages.hpp"

namespace angod::host::service {

namespace {

std::int32_t job_event(ango_job *job, ango_str *out) {
    if (!job || !out) return ANGO_INVALID;
    give(out, job->job.event);
    return ANGO_OK;
}

std::int32_t job_field(ango_job *job, const ango_str *name, ango_str *out) {
    if (!job || !name || !out) return ANGO_INVALID;
    for (const json::Member &member : job->job.members)
        if (member.name == view(name)) {
            give(out, member.value);
            return ANGO_OK;
        }
    return ANGO_ABSENT;
}

std::int32_t job_config(ango_job *job, ango_str *out) {
    if (!job || !out) return ANGO_INVALID;
    give(out, job->job.config);
    return ANGO_OK;
}

std::uint32_t job_attempt(ango_job *job) { return job ? job->job.attempt : 0; }

std::int32_t job_checkpoint(ango_job *job, ango_str *out) {
    if (!job || !out) return ANGO_INVALID;
    if (!job->job.checkpoint || job->checkpoint_is_hosts) return ANGO_ABSENT;
    give(out, *job->job.checkpoint);
    return ANGO_OK;
}

std::int32_t job_save_checkpoint(ango_job *job, const ango_str *bytes) {
    if (!job || !bytes || bytes->size > host_protocol::kMaxCheckpoint) return ANGO_INVALID;
    if (job->checkpoint_is_hosts) return ANGO_UNSUPPORTED;
    return guarded([&] { return job->job.save_checkpoint(view(bytes)) ? ANGO_OK : ANGO_IO; });
}

} // namespace

constinit const ango_job_v1 kJob{sizeof(ango_job_v1), 0,           job_event,      job_field,
                                 job_config,          job_attempt, job_checkpoint, job_save_checkpoint};

} // namespace angod::host::service
