#include "host/module/service_tables.hpp"

#include "host/job/status.hpp"
#include "host/module/handles.hpp"
#include "host/module/least_size.hpp"

#include <algorithm>
#include <string>

namespace angod::host::service {

namespace {

constexpr std::uint64_t kMaxFetch = std::uint64_t{256} << 20; // bytes; the host holds the whole body in memory

std::int32_t http_get(ango_job *job, const ango_str *url, std::uint64_t limit, ango_str *out) {
    if (!job || !url || !out) return ANGO_INVALID;
    *out = {};
    return guarded([&] {
        if (!job->fetcher) job->fetcher.emplace(job->job);
        const auto body = job->fetcher->get(view(url), std::min(limit, kMaxFetch));
        if (body) {
            give(out, *body);
            return ANGO_OK;
        }
        job->fetch_failure = body.error().text;
        give(out, job->fetch_failure);
        return body.error().code == Code::invalid ? ANGO_INVALID : status_of(body.error());
    });
}

std::int32_t http_request(ango_job *job, const ango_http_request *request, ango_http_response *response) {
    if (!job || !request || request->struct_size < least_size<ango_http_request> || !response ||
        response->struct_size < least_size<ango_http_response> || (request->header_count > 0 && !request->headers))
        return ANGO_INVALID;
    response->status = 0;
    response->body = response->content_type = {};
    return guarded([&] {
        if (!job->fetcher) job->fetcher.emplace(job->job);
        FetchRequest wanted;
        if (request->method.size > 0) wanted.method = view(&request->method);
        wanted.url = view(&request->url);
        for (std::uint64_t i = 0; i < request->header_count; ++i)
            wanted.headers.push_back(
                {std::string(view(&request->headers[2 * i])), std::string(view(&request->headers[2 * i + 1]))});
        wanted.body = view(&request->body);
        wanted.limit = std::min(request->limit, kMaxFetch);
        wanted.s3 = {std::string(view(&request->s3_region)), std::string(view(&request->s3_key_id)),
                     std::string(view(&request->s3_secret))};
        const auto answer = job->fetcher->request(wanted);
        if (answer) {
            response->status = static_cast<std::uint32_t>(answer->status);
            give(&response->body, answer->body);
            give(&response->content_type, answer->content_type);
            return ANGO_OK;
        }
        job->fetch_failure = answer.error().text;
        give(&response->body, job->fetch_failure);
        return answer.error().code == Code::invalid ? ANGO_INVALID : status_of(answer.error());
    });
}

} // namespace

constinit const ango_http_v1 kHttp{sizeof(ango_http_v1), 0, http_get, http_request};

} // namespace angod::host::service
